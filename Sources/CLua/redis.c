// redis.*, and math.random (script_lua.c, eval.c and function_lua.c in Redis 7.0).

#include "internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// Commands

enum { NUMBER_LENGTH = 32 };

/// The arguments as bytes, all of them in one piece of memory of Lua's, which is left on the stack; NULL, and an error on top,
/// where they can't be (`luaArgsToRedisArgv` in script_lua.c).
static clua_bytes *read_arguments(lua_State *L, int *count) {
  *count = lua_gettop(L);
  if (*count == 0) {
    push_error(L, "Please specify at least one argument for this redis lib call");
    return NULL;
  }
  luaL_checkstack(L, 4, "too many arguments");
  clua_bytes *arguments = lua_newuserdata(L, (size_t)*count * (sizeof(clua_bytes) + NUMBER_LENGTH));
  char *numbers = (char *)(arguments + *count);
  for (int index = 0; index < *count; index += 1) {
    switch (lua_type(L, index + 1)) {
    case LUA_TNUMBER: {
      char *text = numbers + index * NUMBER_LENGTH;
      int length = snprintf(text, NUMBER_LENGTH, "%.17g", (double)lua_tonumber(L, index + 1));
      arguments[index] = (clua_bytes){text, (size_t)length};
      break;
    }
    case LUA_TSTRING: arguments[index].bytes = lua_tolstring(L, index + 1, &arguments[index].count); break;
    default: push_error(L, "Lua redis lib command arguments must be strings or integers"); return NULL;
    }
  }
  return arguments;
}

static int call(lua_State *L, int raises) {
  int count;
  clua_bytes *arguments = read_arguments(L, &count);
  if (!arguments) return raises ? lua_error(L) : 1;
  clua_bytes answer = {NULL, 0};
  int is_refused = ask(CLUA_CALL, 0, arguments, (size_t)count, &answer);
  lua_settop(L, 0);
  if (is_refused) {
    lua_pushlstring(L, answer.bytes, answer.count);
    push_error(L, lua_tostring(L, -1));
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, "ignore_error_stats_update");
    return raises ? lua_error(L) : 1;
  }
  int is_error = answer.count > 0 && answer.bytes[0] == '-';
  push_reply(L, answer.bytes, answer.bytes + answer.count);
  charge(L, 100);
  return raises && is_error ? lua_error(L) : 1;
}

static int redis_call(lua_State *L) { return call(L, 1); }
static int redis_pcall(lua_State *L) { return call(L, 0); }

static int redis_acl_check_cmd(lua_State *L) {
  int count;
  clua_bytes *arguments = read_arguments(L, &count);
  if (!arguments) return lua_error(L);
  int answer = ask(CLUA_MAY_CALL, 0, arguments, (size_t)count, NULL);
  if (answer < 0) return raise_error(L, "Invalid command passed to redis.acl_check_cmd()");
  lua_pushboolean(L, answer);
  return 1;
}

// Replies

static int redis_error_reply(lua_State *L) {
  if (lua_gettop(L) != 1 || lua_type(L, -1) != LUA_TSTRING) {
    push_error(L, "wrong number or type of arguments");
    return 1;
  }
  if (lua_tostring(L, -1)[0] != '-') {
    lua_pushliteral(L, "-");
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  push_error(L, lua_tostring(L, -1));
  return 1;
}

static int redis_status_reply(lua_State *L) {
  if (lua_gettop(L) != 1 || lua_type(L, -1) != LUA_TSTRING) {
    push_error(L, "wrong number or type of arguments");
    return 1;
  }
  lua_newtable(L);
  lua_insert(L, -2);
  lua_setfield(L, -2, "ok");
  return 1;
}

static int redis_sha1hex(lua_State *L) {
  if (lua_gettop(L) != 1) return raise_error(L, "wrong number of arguments");
  clua_bytes bytes = {"", 0}, answer = {"", 0};
  const char *text = lua_tolstring(L, 1, &bytes.count);
  if (text) bytes.bytes = text;
  charge(L, bytes.count / 16);
  ask(CLUA_SHA1, 0, &bytes, 1, &answer);
  lua_pushlstring(L, answer.bytes, answer.count);
  return 1;
}

// What the host keeps of a run

/// As the processor makes an int of a number.
static int as_int(lua_State *L, int index) {
  lua_Number number = lua_tonumber(L, index);
  return number > -2147483649.0 && number < 2147483648.0 ? (int)number : -2147483647 - 1;
}

static int redis_set_repl(lua_State *L) {
  if (lua_gettop(L) != 1) return raise_error(L, "redis.set_repl() requires two arguments.");
  int flags = as_int(L, -1);
  if (flags & ~3) {
    return raise_error(L, "Invalid replication flags. Use REPL_AOF, REPL_REPLICA, REPL_ALL or REPL_NONE.");
  }
  ask(CLUA_SET_REPL, flags, NULL, 0, NULL);
  return 0;
}

static int redis_setresp(lua_State *L) {
  if (lua_gettop(L) != 1) return raise_error(L, "redis.setresp() requires one argument.");
  int version = as_int(L, -1);
  if (version != 2 && version != 3) return raise_error(L, "RESP version must be 2 or 3.");
  ask(CLUA_SET_RESP, version, NULL, 0, NULL);
  return 0;
}

static int redis_log(lua_State *L) {
  int count = lua_gettop(L);
  if (count < 2) return raise_error(L, "redis.log() requires two arguments or more.");
  if (!lua_isnumber(L, 1)) return raise_error(L, "First argument must be a number (log level).");
  int level = as_int(L, 1);
  if (level < 0 || level > 3) return raise_error(L, "Invalid debug level.");
  growing text;
  growing_begin(&text, L);
  for (int index = 2; index <= count; index += 1) {
    size_t length;
    const char *part = lua_tolstring(L, index, &length);
    if (!part) continue;
    if (index > 2) growing_add_byte(&text, ' ');
    growing_add(&text, part, length);
  }
  clua_bytes bytes = {text.bytes, text.count};
  ask(CLUA_LOG, level, &bytes, 1, NULL);
  return 0;
}

static int redis_breakpoint(lua_State *L) {
  lua_pushboolean(L, 0);
  return 1;
}

static int redis_debug(lua_State *L) {
  (void)L;
  return 0;
}

static int redis_replicate_commands(lua_State *L) {
  lua_pushboolean(L, 1);
  return 1;
}

// math.random: POSIX's lrand48, whose numbers are the same everywhere

static lua_Number next_random(void) {
  running->random = (running->random * 0x5DEECE66D + 0xB) & 0xFFFFFFFFFFFF;
  int32_t number = (int32_t)(running->random >> 17);
  return (lua_Number)(number % INT32_MAX) / (lua_Number)INT32_MAX;
}

static int math_random(lua_State *L) {
  lua_Number number = next_random();
  int count = lua_gettop(L);
  if (count == 0) {
    lua_pushnumber(L, number);
    return 1;
  }
  if (count > 2) return luaL_error(L, "wrong number of arguments");
  int low = count == 1 ? 1 : luaL_checkint(L, 1);
  int high = luaL_checkint(L, count);
  luaL_argcheck(L, low <= high, count, "interval is empty");
  int width = count == 1 ? high : (int)((unsigned)high - (unsigned)low + 1);
  lua_pushnumber(L, floor(number * width) + low);
  return 1;
}

static int math_randomseed(lua_State *L) {
  running->random = (uint64_t)(uint32_t)luaL_checkint(L, 1) << 16 | 0x330E;
  return 0;
}

// redis.register_function

typedef struct {
  clua_bytes name, description;
  int flags, has_callback;
} registration;

static const char *const flag_names[] = {"no-writes", "allow-oom", "allow-stale", "no-cluster", "allow-cross-slot-keys"};

static int read_flags(lua_State *L, int *flags) {
  for (int index = 1;; index += 1) {
    lua_pushnumber(L, index);
    lua_gettable(L, -2);
    if (lua_isnil(L, -1)) break;
    if (!lua_isstring(L, -1)) return 0;
    const char *text = lua_tostring(L, -1);
    int found = 0;
    for (int bit = 0; bit < 5; bit += 1) {
      if (strcasecmp(text, flag_names[bit]) == 0) {
        *flags |= 1 << bit;
        found = 1;
      }
    }
    lua_pop(L, 1);
    if (!found) return 0;
  }
  lua_pop(L, 1);
  return 1;
}

/// Reads one named argument, whose key and value are on top. The callback is put where slot 2 is, the texts are kept in 3 and 4.
static const char *read_named(lua_State *L, registration *read) {
  if (!lua_isstring(L, -2)) return "named argument key given to redis.register_function is not a string";
  // Of a key that is a number, a copy is made a text of: the table is still gone through by it.
  lua_pushvalue(L, -2);
  const char *key = lua_tostring(L, -1);
  lua_insert(L, -3);
  const char *error = NULL;
  if (strcasecmp(key, "function_name") == 0) {
    if (!lua_isstring(L, -1)) return "function_name argument given to redis.register_function must be a string";
    read->name.bytes = lua_tolstring(L, -1, &read->name.count);
    lua_pushvalue(L, -1);
    lua_replace(L, 3);
  } else if (strcasecmp(key, "description") == 0) {
    if (!lua_isstring(L, -1)) return "description argument given to redis.register_function must be a string";
    read->description.bytes = lua_tolstring(L, -1, &read->description.count);
    lua_pushvalue(L, -1);
    lua_replace(L, 4);
  } else if (strcasecmp(key, "callback") == 0) {
    if (!lua_isfunction(L, -1)) return "callback argument given to redis.register_function must be a function";
    lua_pushvalue(L, -1);
    lua_replace(L, 2);
    read->has_callback = 1;
  } else if (strcasecmp(key, "flags") == 0) {
    if (!lua_istable(L, -1)) {
      return "flags argument to redis.register_function must be a table representing function flags";
    }
    int top = lua_gettop(L);
    read->flags = 0;
    if (!read_flags(L, &read->flags)) error = "unknown flag given";
    lua_settop(L, top);
  } else {
    error = "unknown argument given to redis.register_function";
  }
  lua_remove(L, -3);
  return error;
}

static const char *read_table(lua_State *L, registration *read) {
  if (!lua_istable(L, 1)) {
    return "calling redis.register_function with a single argument is only applicable to Lua table (representing named "
           "arguments).";
  }
  lua_settop(L, 4);
  resolve(L, 1);
  lua_pushnil(L);
  while (lua_next(L, 1)) {
    const char *error = read_named(L, read);
    if (error) return error;
    lua_pop(L, 1);
  }
  if (!read->name.bytes) return "redis.register_function must get a function name argument";
  return read->has_callback ? NULL : "redis.register_function must get a callback argument";
}

static const char *read_positions(lua_State *L, registration *read) {
  if (!lua_isstring(L, 1)) return "first argument to redis.register_function must be a string";
  if (!lua_isfunction(L, 2)) return "second argument to redis.register_function must be a function";
  read->name.bytes = lua_tolstring(L, 1, &read->name.count);
  return NULL;
}

static int redis_register_function(lua_State *L) {
  lua_getfield(L, LUA_REGISTRYINDEX, "loading");
  int is_loading = lua_toboolean(L, -1);
  lua_pop(L, 1);
  if (!is_loading) return raise_error(L, "redis.register_function can only be called on FUNCTION LOAD command");
  int count = lua_gettop(L);
  if (count < 1 || count > 2) return raise_error(L, "wrong number of arguments to redis.register_function");
  registration read = {{NULL, 0}, {NULL, 0}, 0, 0};
  const char *error = count == 1 ? read_table(L, &read) : read_positions(L, &read);
  if (error) return raise_error(L, error);
  if (running->purpose == CLUA_LOAD) {
    clua_bytes bytes[2] = {read.name, read.description}, answer = {"", 0};
    if (ask(CLUA_REGISTER, read.flags, bytes, 2, &answer)) {
      lua_pushlstring(L, answer.bytes, answer.count);
      return raise_error(L, lua_tostring(L, -1));
    }
    return 0;
  }
  lua_getfield(L, LUA_REGISTRYINDEX, "functions");
  lua_pushlstring(L, read.name.bytes, read.name.count);
  lua_pushvalue(L, 2);
  lua_rawset(L, -3);
  return 0;
}

// Opening

static void set_number(lua_State *L, const char *name, lua_Number number) {
  lua_pushnumber(L, number);
  lua_setfield(L, -2, name);
}

static void set_log(lua_State *L) {
  lua_pushcfunction(L, redis_log);
  lua_setfield(L, -2, "log");
  static const char *const levels[] = {"LOG_DEBUG", "LOG_VERBOSE", "LOG_NOTICE", "LOG_WARNING"};
  for (int level = 0; level < 4; level += 1) set_number(L, levels[level], level);
}

static void set_version(lua_State *L) {
  set_number(L, "REDIS_VERSION_NUM", 0x0007000f);
  lua_pushliteral(L, "7.0.15");
  lua_setfield(L, -2, "REDIS_VERSION");
}

static void set_functions(lua_State *L, const luaL_Reg *functions) {
  for (; functions->name; functions += 1) {
    lua_pushcfunction(L, functions->func);
    lua_setfield(L, -2, functions->name);
  }
}

void open_redis(lua_State *L, int for_functions) {
  // In Redis's order, which is that of pairs(redis).
  static const luaL_Reg calls[] = {{"call", redis_call}, {"pcall", redis_pcall}, {NULL, NULL}};
  static const luaL_Reg common[] = {
    {"setresp", redis_setresp}, {"sha1hex", redis_sha1hex}, {"error_reply", redis_error_reply},
    {"status_reply", redis_status_reply}, {"set_repl", redis_set_repl}, {NULL, NULL},
  };
  static const luaL_Reg rights[] = {{"acl_check_cmd", redis_acl_check_cmd}, {NULL, NULL}};
  static const luaL_Reg of_eval[] = {
    {"breakpoint", redis_breakpoint}, {"debug", redis_debug}, {"replicate_commands", redis_replicate_commands},
    {NULL, NULL},
  };
  lua_newtable(L);
  set_functions(L, calls);
  set_log(L);
  set_version(L);
  set_functions(L, common);
  set_number(L, "REPL_NONE", 0);
  set_number(L, "REPL_AOF", 1);
  set_number(L, "REPL_SLAVE", 2);
  set_number(L, "REPL_REPLICA", 2);
  set_number(L, "REPL_ALL", 3);
  set_functions(L, rights);
  if (!for_functions) set_functions(L, of_eval);
  lua_setglobal(L, "redis");
  lua_getglobal(L, "math");
  lua_pushcfunction(L, math_random);
  lua_setfield(L, -2, "random");
  lua_pushcfunction(L, math_randomseed);
  lua_setfield(L, -2, "randomseed");
  lua_pop(L, 1);
  if (!for_functions) {
    lua_pushcfunction(L, error_handler);
    lua_setglobal(L, "__redis__err__handler");
    return;
  }
  lua_newtable(L);
  lua_pushcfunction(L, redis_register_function);
  lua_setfield(L, -2, "register_function");
  set_log(L);
  set_version(L);
  lua_setfield(L, LUA_REGISTRYINDEX, "library redis");
}
