#pragma once
#if !__has_include(<pcap/pcap.h>)
#error "libpcap's headers were not found: install libpcap-dev (Debian: apt-get install libpcap-dev)"
#else
#include <stdio.h>
#include <sys/types.h>
#include <pcap/pcap.h>

/* glibc's fopencookie(3): a FILE whose bytes come from a function, which is how libpcap reads from anything but a file.
   Declared here by another name, since stdio.h shows it only where _GNU_SOURCE stood before its first inclusion. */
struct stream_functions {
  ssize_t (*read)(void *source, char *buffer, size_t count);
  ssize_t (*write)(void *source, const char *buffer, size_t count);
  int (*seek)(void *source, long long *offset, int whence);
  int (*close)(void *source);
};
extern FILE *open_stream(void *source, const char *mode, struct stream_functions functions) __asm__("fopencookie");
#endif
