// The interpreter's memory: one piece, always at the same address, of which blocks are given out in the same order each time.
//
// What depends on addresses, the text of a table or the order of tables that are keys, is so the same in every run, and a
// pristine interpreter is made by copying its bytes.

#include "internal.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

enum { SMALL = 1024, SMALL_CLASSES = SMALL / 16, CLASSES = SMALL_CLASSES + 1 + 28 };
static const size_t limit = (size_t)256 << 20;
static const size_t kept = (size_t)1 << 20;

typedef struct block {
  struct block *next;
} block;

typedef struct {
  size_t top;
  size_t work;
  block *free[CLASSES];
} arena_head;

static arena_head *arena;

/// The class of blocks that are great enough, and how great these are: multiples of 16, then powers of two.
static int class_of(size_t size, size_t *rounded) {
  if (size <= SMALL) {
    *rounded = (size + 15) / 16 * 16;
    return (int)(*rounded / 16);
  }
  int class = SMALL_CLASSES;
  *rounded = SMALL;
  while (*rounded < size) {
    *rounded *= 2;
    class += 1;
  }
  return class;
}

static void *take(size_t size) {
  size_t rounded;
  if (size > limit) return NULL;
  int class = class_of(size, &rounded);
  arena->work += size / 64;
  block *found = arena->free[class];
  if (found) {
    arena->free[class] = found->next;
    return found;
  }
  if (rounded > limit - arena->top) return NULL;
  void *new = (char *)arena + arena->top;
  arena->top += rounded;
  return new;
}

static void give_back(void *bytes, size_t size) {
  size_t rounded;
  int class = class_of(size, &rounded);
  block *freed = bytes;
  freed->next = arena->free[class];
  arena->free[class] = freed;
}

void *arena_allocate(void *unused, void *bytes, size_t old_size, size_t new_size) {
  (void)unused;
  if (new_size == 0) {
    if (bytes) give_back(bytes, old_size);
    return NULL;
  }
  if (!bytes) return take(new_size);
  size_t old_room, new_room;
  if (class_of(old_size, &old_room) == class_of(new_size, &new_room)) return bytes;
  void *moved = take(new_size);
  // Whoever asks for less must get it.
  if (!moved) return new_size < old_size ? bytes : NULL;
  memcpy(moved, bytes, old_size < new_size ? old_size : new_size);
  give_back(bytes, old_size);
  return moved;
}

int arena_begin(void) {
  if (!arena) {
    void *wanted = (void *)0x200000000000;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    void *found = mmap(wanted, limit, PROT_READ | PROT_WRITE, flags, -1, 0);
    if (found == MAP_FAILED) return 0;
    arena = found;
  }
  memset(arena, 0, sizeof *arena);
  arena->top = (sizeof *arena + 15) / 16 * 16;
  return 1;
}

int arena_keep(arena_image *image) {
  image->bytes = malloc(arena->top);
  if (!image->bytes) return 0;
  image->count = arena->top;
  memcpy(image->bytes, arena, image->count);
  return 1;
}

void arena_restore(const arena_image *image) { memcpy(arena, image->bytes, image->count); }

size_t arena_size(void) { return arena ? arena->top : 0; }

void arena_end(void) {
  if (arena->top > kept) madvise((char *)arena + kept, arena->top - kept, MADV_DONTNEED);
}

size_t arena_take_work(void) {
  size_t work = arena->work;
  arena->work = 0;
  return work;
}
