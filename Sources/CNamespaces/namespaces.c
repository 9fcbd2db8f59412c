// What Linux has for a network and for mounts of one's own, which Swift's Glibc does not show.
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "namespaces.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

// From here on the calling thread, and what it starts, has a loopback and mounts of its own. 0, or what errno says.
int replab_leave_namespaces(void) {
  if (unshare(CLONE_NEWNET | CLONE_NEWNS) != 0) return errno;
  if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) return errno;
  int descriptor = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return errno;
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strcpy(request.ifr_name, "lo");
  request.ifr_flags = IFF_UP | IFF_RUNNING;
  int failure = ioctl(descriptor, SIOCSIFFLAGS, &request) != 0 ? errno : 0;
  close(descriptor);
  return failure;
}

// A small disk at a folder.
int replab_mount_memory(const char *path, const char *options) {
  return mount("tmpfs", path, "tmpfs", 0, options) != 0 ? errno : 0;
}

int replab_unmount(const char *path) { return umount2(path, MNT_DETACH) != 0 ? errno : 0; }

// An IPv4 datagram as it is, to loopback.
int replab_send_datagram(const void *bytes, size_t count) {
  int descriptor = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
  if (descriptor < 0) return errno;
  struct sockaddr_in address;
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int failure = sendto(descriptor, bytes, count, 0, (struct sockaddr *)&address, sizeof address) < 0 ? errno : 0;
  close(descriptor);
  return failure;
}

