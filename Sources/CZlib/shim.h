#pragma once
#if !__has_include(<zlib.h>)
#error "zlib's headers were not found: install zlib1g-dev (Debian: apt-get install zlib1g-dev)"
#else
#include <zlib.h>

/* inflateInit2 is a macro, which Swift does not see. 16 asks for gzip's own header and trailer. */
static inline int inflate_init_gzip(z_stream *stream) { return inflateInit2(stream, 16 + MAX_WBITS); }
static inline int deflate_init_gzip(z_stream *stream) {
  return deflateInit2(stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
}
#endif
