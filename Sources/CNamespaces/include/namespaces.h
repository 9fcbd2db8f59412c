#ifndef NAMESPACES_H
#define NAMESPACES_H

#include <stddef.h>

// Each gives 0, or what errno says.

// From here on the calling thread, and what it starts, has a loopback and mounts of its own.
int replab_leave_namespaces(void);

// A small disk at a folder, and its end.
int replab_mount_memory(const char *path, const char *options);
int replab_unmount(const char *path);

// Sends an IPv4 datagram as it is, to loopback.
int replab_send_datagram(const void *bytes, size_t count);

#endif
