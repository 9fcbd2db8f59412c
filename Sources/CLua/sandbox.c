// What a script finds, and what it can't change.
//
// Redis's own Lua can forbid that a table be changed. The system's can't, so a script sees in place of each such table an empty
// one that looks the things up in it; what would tell the two apart (next, rawget, getmetatable and their like) knows both.

#include "internal.h"

#include <string.h>

static const char proxies = 0, protected_tables = 0;
static const char *const readonly = "Attempt to modify a readonly table";

static void push_registered(lua_State *L, const char *key) {
  lua_pushlightuserdata(L, (void *)key);
  lua_rawget(L, LUA_REGISTRYINDEX);
}

/// Puts what a table stands for in its place.
void resolve(lua_State *L, int index) {
  if (!lua_istable(L, index)) return;
  luaL_checkstack(L, 3, "too many values");
  lua_pushvalue(L, index);
  int value = lua_gettop(L);
  push_registered(L, &proxies);
  lua_pushvalue(L, value);
  lua_rawget(L, -2);
  if (lua_isnil(L, -1)) {
    lua_settop(L, value - 1);
    return;
  }
  lua_replace(L, value);
  lua_settop(L, value);
  lua_replace(L, index < 0 && index > LUA_REGISTRYINDEX ? index - 1 : index);
}

static int is_protected(lua_State *L, int index) {
  push_registered(L, &proxies);
  lua_pushvalue(L, index);
  lua_rawget(L, -2);
  int found = !lua_isnil(L, -1);
  lua_pop(L, 2);
  return found;
}

static int raise_readonly(lua_State *L) {
  lua_pushstring(L, readonly);
  return lua_error(L);
}

static int refuse_assignment(lua_State *L) { return luaL_error(L, readonly); }

// The functions that know both

static int protected_next(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  resolve(L, 1);
  if (lua_next(L, 1)) return 2;
  lua_pushnil(L);
  return 1;
}

static int protected_pairs(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}

static int protected_rawget(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkany(L, 2);
  lua_settop(L, 2);
  resolve(L, 1);
  lua_rawget(L, 1);
  return 1;
}

static int protected_rawset(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkany(L, 2);
  luaL_checkany(L, 3);
  lua_settop(L, 3);
  if (is_protected(L, 1)) return raise_readonly(L);
  lua_rawset(L, 1);
  return 1;
}

static int protected_getmetatable(lua_State *L) {
  luaL_checkany(L, 1);
  resolve(L, 1);
  if (!lua_getmetatable(L, 1)) {
    lua_pushnil(L);
    return 1;
  }
  luaL_getmetafield(L, 1, "__metatable");
  push_registered(L, &protected_tables);
  lua_pushvalue(L, -2);
  lua_rawget(L, -2);
  if (lua_isnil(L, -1)) lua_pop(L, 2);
  return 1;
}

static int protected_setmetatable(lua_State *L) {
  int type = lua_type(L, 2);
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_argcheck(L, type == LUA_TNIL || type == LUA_TTABLE, 2, "nil or table expected");
  if (is_protected(L, 1)) return raise_readonly(L);
  if (luaL_getmetafield(L, 1, "__metatable")) return luaL_error(L, "cannot change a protected metatable");
  lua_settop(L, 2);
  lua_setmetatable(L, 1);
  return 1;
}

// Those of table that change one, or that take long without an instruction

static int protected_insert(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  int end = (int)lua_objlen(L, 1) + 1;
  int place = end;
  switch (lua_gettop(L)) {
  case 2: break;
  case 3:
    place = luaL_checkint(L, 2);
    if (place > end) end = place;
    charge(L, (size_t)(end - (place < 1 ? 1 : place)) / 2);
    for (int index = end; index > place; index -= 1) {
      lua_rawgeti(L, 1, index - 1);
      lua_rawseti(L, 1, index);
      if (place < 0 && index % 100000 == 0) charge(L, 10000);
    }
    break;
  default: return luaL_error(L, "wrong number of arguments to " LUA_QL("insert"));
  }
  if (is_protected(L, 1)) return raise_readonly(L);
  lua_rawseti(L, 1, place);
  return 0;
}

/// Does what is there, in its place, charging for the length of the table.
static int charged(lua_State *L) {
  if (lua_istable(L, 1)) charge(L, lua_objlen(L, 1) / 2);
  return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/// Byte by byte, as the system's does it.
static int charged_rep(lua_State *L) {
  size_t length;
  luaL_checklstring(L, 1, &length);
  lua_Number count = lua_tonumber(L, 2);
  if (count > 0 && count < 1e9) charge(L, (size_t)count * (length < 1e6 ? length + 1 : 1000000) / 8);
  return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

static int protected_foreach(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  resolve(L, 1);
  lua_pushnil(L);
  while (lua_next(L, 1)) {
    charge(L, 1);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -3);
    lua_pushvalue(L, -3);
    lua_call(L, 2, 1);
    if (!lua_isnil(L, -1)) return 1;
    lua_pop(L, 2);
  }
  return 0;
}

// Those of the base that Redis has otherwise

/// An error that is a table is given as what it says (`luaRedisPcall` in script_lua.c).
static int redis_pcall(lua_State *L) {
  int count = lua_gettop(L);
  lua_pushboolean(L, 1);
  lua_insert(L, 1);
  if (lua_pcall(L, count - 1, LUA_MULTRET, 0)) {
    lua_remove(L, 1);
    if (lua_istable(L, -1)) {
      lua_getfield(L, -1, "err");
      if (lua_isstring(L, -1)) lua_replace(L, -2);
    }
    lua_pushboolean(L, 0);
    lua_insert(L, 1);
  }
  return lua_gettop(L);
}

static int give_loaded(lua_State *L, int status) {
  if (status == 0) return 1;
  lua_pushnil(L);
  lua_insert(L, -2);
  return 2;
}

static int text_loadstring(lua_State *L) {
  size_t count;
  const char *bytes = luaL_checklstring(L, 1, &count);
  const char *name = luaL_optstring(L, 2, bytes);
  return give_loaded(L, load_text(L, bytes, count, name));
}

/// All pieces are asked for before the first is looked at.
static int text_load(lua_State *L) {
  const char *name = luaL_optstring(L, 2, "=(load)");
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_settop(L, 3);
  growing code;
  growing_begin(&code, L);
  for (;;) {
    lua_pushvalue(L, 1);
    lua_call(L, 0, 1);
    if (lua_isnil(L, -1)) break;
    size_t count;
    if (!lua_isstring(L, -1)) {
      lua_pushnil(L);
      lua_pushliteral(L, "reader function must return a string");
      return 2;
    }
    const char *piece = lua_tolstring(L, -1, &count);
    if (count == 0) break;
    growing_add(&code, piece, count);
    lua_pop(L, 1);
  }
  return give_loaded(L, load_text(L, code.bytes, code.count, name));
}

/// A coroutine counts its own instructions, and begins to anew.
static int charged_coroutine(lua_State *L) {
  charge(L, 1000);
  return lua_tocfunction(L, lua_upvalueindex(1))(L);
}

/// Adds to an error where it came from (`__redis__err__handler` in eval.c).
int error_handler(lua_State *L) {
  lua_Debug place;
  int is_known = lua_getstack(L, 1, &place) && lua_getinfo(L, "Sl", &place);
  if (is_known && strcmp(place.what, "C") == 0) is_known = lua_getstack(L, 2, &place) && lua_getinfo(L, "Sl", &place);
  lua_settop(L, 1);
  if (!lua_istable(L, 1)) {
    lua_createtable(L, 0, 1);
    lua_getfield(L, LUA_REGISTRYINDEX, "tostring");
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    lua_pushliteral(L, "ERR ");
    lua_insert(L, -2);
    lua_concat(L, 2);
    lua_setfield(L, -2, "err");
  }
  if (is_known) {
    lua_pushstring(L, place.source);
    lua_setfield(L, -2, "source");
    lua_pushinteger(L, place.currentline);
    lua_setfield(L, -2, "line");
  }
  return 1;
}

// Opening

static void open(lua_State *L, lua_CFunction library, const char *name) {
  lua_pushcfunction(L, library);
  lua_pushstring(L, name);
  lua_call(L, 1, 0);
}

static void set_function(lua_State *L, const char *name, lua_CFunction function) {
  lua_pushcfunction(L, function);
  lua_setfield(L, -2, name);
}

/// Puts a function around another one.
static void wrap(lua_State *L, const char *name, lua_CFunction function) {
  lua_getfield(L, -1, name);
  lua_pushcclosure(L, function, 1);
  lua_setfield(L, -2, name);
}

static void change_base(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"next", protected_next}, {"rawget", protected_rawget}, {"rawset", protected_rawset},
    {"getmetatable", protected_getmetatable}, {"setmetatable", protected_setmetatable}, {"pcall", redis_pcall},
    {"loadstring", text_loadstring}, {"load", text_load}, {NULL, NULL},
  };
  lua_pushvalue(L, LUA_GLOBALSINDEX);
  for (const luaL_Reg *function = functions; function->name; function += 1) {
    set_function(L, function->name, function->func);
  }
  lua_getfield(L, -1, "next");
  lua_pushcclosure(L, protected_pairs, 1);
  lua_setfield(L, -2, "pairs");
  static const char *const removed[] = {"dofile", "loadfile", "print", "getfenv", "setfenv", "newproxy"};
  for (int index = 0; index < 6; index += 1) {
    lua_pushnil(L);
    lua_setfield(L, -2, removed[index]);
  }
  lua_getfield(L, -1, "tostring");
  lua_setfield(L, LUA_REGISTRYINDEX, "tostring");
  lua_pop(L, 1);
}

static void change_libraries(lua_State *L) {
  lua_getglobal(L, "table");
  set_function(L, "insert", protected_insert);
  set_function(L, "foreach", protected_foreach);
  static const char *const long_ones[] = {"remove", "concat", "sort", "foreachi", "maxn"};
  for (int index = 0; index < 5; index += 1) wrap(L, long_ones[index], charged);
  lua_getglobal(L, "string");
  wrap(L, "rep", charged_rep);
  lua_pop(L, 1);
  lua_getglobal(L, "coroutine");
  wrap(L, "create", charged_coroutine);
  wrap(L, "wrap", charged_coroutine);
  lua_pop(L, 2);
}

void open_sandbox(lua_State *L) {
  open(L, luaopen_base, "");
  open(L, luaopen_table, LUA_TABLIBNAME);
  open(L, luaopen_string, LUA_STRLIBNAME);
  open(L, luaopen_math, LUA_MATHLIBNAME);
  open(L, open_cjson, "cjson");
  open(L, open_struct, "struct");
  open(L, open_cmsgpack, "cmsgpack");
  open(L, open_bit, "bit");
  change_base(L);
  change_libraries(L);
  open_patterns(L);
  static const char *const tables[] = {&proxies, &protected_tables};
  for (int index = 0; index < 2; index += 1) {
    lua_pushlightuserdata(L, (void *)tables[index]);
    lua_newtable(L);
    lua_rawset(L, LUA_REGISTRYINDEX);
  }
}

// Protecting

static int missing_global(lua_State *L) {
  if (lua_gettop(L) != 2) luaL_error(L, "Wrong number of arguments to luaProtectedTableError");
  if (!lua_isstring(L, -1)) luaL_error(L, "Second argument to luaProtectedTableError must be a string or number");
  return luaL_error(L, "Script attempted to access nonexistent global variable '%s'", lua_tostring(L, -1));
}

static void set_missing(lua_State *L) {
  lua_createtable(L, 0, 1);
  set_function(L, "__index", missing_global);
  lua_setmetatable(L, -2);
}

/// Puts the table's protected form in its place on top of the stack, and those of all that it leads to in their places in it.
static void protect(lua_State *L) {
  luaL_checkstack(L, 8, "too many tables");
  int real = lua_gettop(L);
  push_registered(L, &protected_tables);
  lua_pushvalue(L, real);
  lua_rawget(L, -2);
  if (!lua_isnil(L, -1)) {
    lua_replace(L, real);
    lua_settop(L, real);
    return;
  }
  lua_pop(L, 1);
  lua_newtable(L);
  int proxy = lua_gettop(L);
  lua_pushvalue(L, real);
  lua_pushvalue(L, proxy);
  lua_rawset(L, real + 1);
  push_registered(L, &proxies);
  lua_pushvalue(L, proxy);
  lua_pushvalue(L, real);
  lua_rawset(L, -3);
  lua_pop(L, 1);
  lua_createtable(L, 0, 2);
  lua_pushvalue(L, real);
  lua_setfield(L, -2, "__index");
  set_function(L, "__newindex", refuse_assignment);
  lua_setmetatable(L, proxy);
  lua_pushnil(L);
  while (lua_next(L, real)) {
    if (lua_istable(L, -1)) {
      protect(L);
      lua_pushvalue(L, -2);
      lua_pushvalue(L, -2);
      lua_rawset(L, real);
    }
    lua_pop(L, 1);
  }
  if (lua_getmetatable(L, real)) {
    protect(L);
    lua_pop(L, 1);
  }
  lua_replace(L, real);
  lua_settop(L, real);
}

/// What strings have for methods is what scripts see, too.
static void protect_methods(lua_State *L) {
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);
  protect(L);
  lua_pop(L, 2);
}

void protect_globals(lua_State *L) {
  lua_pushvalue(L, LUA_GLOBALSINDEX);
  set_missing(L);
  protect(L);
  protect_methods(L);
  lua_replace(L, LUA_GLOBALSINDEX);
}

/// A library is loaded where there is only a part of `redis`; its functions find all the rest.
void protect_function_globals(lua_State *L) {
  lua_newtable(L);
  lua_getfield(L, LUA_REGISTRYINDEX, "library redis");
  set_missing(L);
  lua_setfield(L, -2, "redis");
  set_missing(L);
  protect(L);
  lua_setfield(L, LUA_REGISTRYINDEX, "library globals");
  lua_pushvalue(L, LUA_GLOBALSINDEX);
  set_missing(L);
  protect(L);
  protect_methods(L);
  lua_setfield(L, LUA_REGISTRYINDEX, "function globals");
  lua_newtable(L);
  protect(L);
  lua_replace(L, LUA_GLOBALSINDEX);
  lua_newtable(L);
  lua_setfield(L, LUA_REGISTRYINDEX, "functions");
}

void set_library_globals(lua_State *L, int is_loading) {
  lua_pushvalue(L, LUA_GLOBALSINDEX);
  lua_getmetatable(L, -1);
  lua_getfield(L, LUA_REGISTRYINDEX, is_loading ? "library globals" : "function globals");
  lua_setfield(L, -2, "__index");
  lua_pop(L, 2);
  lua_pushboolean(L, is_loading);
  lua_setfield(L, LUA_REGISTRYINDEX, "loading");
}
