#pragma once
#if !__has_include(<lua5.1/lua.h>)
#error "Lua's headers were not found: install liblua5.1-0-dev (Debian: apt-get install liblua5.1-0-dev)"
#else
#include <lua5.1/lauxlib.h>
#include <lua5.1/lua.h>
#include <lua5.1/lualib.h>

#include "include/clua.h"

// The memory of the one interpreter (arena.c).

void *arena_allocate(void *unused, void *block, size_t old_size, size_t new_size);
/// Begins anew; 0 if there is no memory.
int arena_begin(void);
/// What the interpreter holds now, to begin with again and again.
typedef struct {
  void *bytes;
  size_t count;
} arena_image;
int arena_keep(arena_image *image);
void arena_restore(const arena_image *image);
/// How much of the memory is in use, or was; 0 before the first run.
size_t arena_size(void);
/// Gives back what only a large script needed.
void arena_end(void);
/// What allocating has cost since the last time, in instructions.
size_t arena_take_work(void);

// The run at hand (run.c).

extern clua_run *running;
int ask(clua_question question, double number, const clua_bytes *bytes, size_t count, clua_bytes *answer);
/// Counts what takes its time without being instructions.
void charge(lua_State *L, size_t instructions);
/// An error as a table; of "-CODE text", the code is its own, of all else it is ERR (`luaPushErrorBuff` in script_lua.c).
void push_error(lua_State *L, const char *text);
int raise_error(lua_State *L, const char *text);
int load_text(lua_State *L, const char *bytes, size_t count, const char *name);

// Values (values.c).

const char *push_reply(lua_State *L, const char *reply, const char *end);
void tell_result(lua_State *L);
typedef struct {
  const char *message, *source, *line;
  int is_counted;
} error_information;
void read_error(lua_State *L, error_information *information);

// What scripts may use (sandbox.c, redis.c, and a file for each library).

void open_sandbox(lua_State *L);
void protect_globals(lua_State *L);
void protect_function_globals(lua_State *L);
void set_library_globals(lua_State *L, int is_loading);
/// Where a table stands that only looks like one, since nobody may change it: the other in its place.
void resolve(lua_State *L, int index);
int error_handler(lua_State *L);

void open_redis(lua_State *L, int for_functions);
int open_cjson(lua_State *L);
int open_cmsgpack(lua_State *L);
int open_struct(lua_State *L);
int open_bit(lua_State *L);
void open_patterns(lua_State *L);

/// Bytes that grow, kept by Lua as a value on its stack, so that an error loses nothing.
typedef struct {
  lua_State *L;
  int slot;
  char *bytes;
  size_t count, capacity;
} growing;
void growing_begin(growing *buffer, lua_State *L);
char *growing_reserve(growing *buffer, size_t count);
void growing_add(growing *buffer, const void *bytes, size_t count);
void growing_add_byte(growing *buffer, char byte);
void growing_push(growing *buffer);
#endif
