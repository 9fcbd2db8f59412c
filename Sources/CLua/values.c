// From RESP to Lua's values, and from these to what the host is told (redisProtocolToLuaType and luaReplyToRedisReply in
// script_lua.c).

#include "internal.h"

#include <stdlib.h>
#include <string.h>

// Replies

typedef struct {
  const char *text;
  size_t length;
  const char *next;
} line;

static line read_line(const char *from, const char *end) {
  const char *stop = from;
  while (stop < end && *stop != '\r') stop += 1;
  return (line){from, (size_t)(stop - from), end - stop < 2 ? end : stop + 2};
}

static void set_string(lua_State *L, const char *name, const char *bytes, size_t count) {
  lua_pushlstring(L, bytes, count);
  lua_setfield(L, -2, name);
}

static const char *push_elements(lua_State *L, const char *reply, const char *end, long count) {
  lua_newtable(L);
  for (long index = 1; index <= count && reply < end; index += 1) {
    reply = push_reply(L, reply, end);
    lua_rawseti(L, -2, (int)index);
  }
  return reply;
}

/// `{map = …}` or `{set = …}`.
static const char *push_named(lua_State *L, const char *name, const char *reply, const char *end, long count) {
  int is_map = name[0] == 'm';
  lua_newtable(L);
  lua_newtable(L);
  for (long index = 0; index < count && reply < end; index += 1) {
    reply = push_reply(L, reply, end);
    if (is_map) reply = push_reply(L, reply, end);
    else lua_pushboolean(L, 1);
    lua_settable(L, -3);
  }
  lua_setfield(L, -2, name);
  return reply;
}

static const char *push_bulk(lua_State *L, const line *head, const char *end, int is_verbatim) {
  long count = strtol(head->text, NULL, 10);
  if (count < 0) {
    lua_pushboolean(L, 0);
    return head->next;
  }
  const char *bytes = head->next;
  if (end - bytes < count + 2) return end;
  if (is_verbatim && count >= 4) {
    lua_newtable(L);
    lua_newtable(L);
    set_string(L, "string", bytes + 4, (size_t)count - 4);
    set_string(L, "format", bytes, 3);
    lua_setfield(L, -2, "verbatim_string");
  } else {
    lua_pushlstring(L, bytes, (size_t)count);
  }
  return bytes + count + 2;
}

static void push_error_reply(lua_State *L, const line *head) {
  lua_pushliteral(L, "-");
  lua_pushlstring(L, head->text, head->length);
  lua_concat(L, 2);
  push_error(L, lua_tostring(L, -1));
  lua_remove(L, -2);
  lua_pushboolean(L, 1);
  lua_setfield(L, -2, "ignore_error_stats_update");
}

/// Pushes the value that begins there, and returns what follows it.
const char *push_reply(lua_State *L, const char *reply, const char *end) {
  luaL_checkstack(L, 6, "lua stack limit reach when parsing redis.call reply");
  if (reply >= end) {
    lua_pushnil(L);
    return end;
  }
  line head = read_line(reply + 1, end);
  switch (*reply) {
  case ':': lua_pushnumber(L, (lua_Number)strtoll(head.text, NULL, 10)); return head.next;
  case '$': return push_bulk(L, &head, end, 0);
  case '=': return push_bulk(L, &head, end, 1);
  case '-': push_error_reply(L, &head); return head.next;
  case '+':
    lua_newtable(L);
    set_string(L, "ok", head.text, head.length);
    return head.next;
  case ',':
    lua_newtable(L);
    lua_pushnumber(L, strtod(head.text, NULL));
    lua_setfield(L, -2, "double");
    return head.next;
  case '(':
    lua_newtable(L);
    set_string(L, "big_number", head.text, head.length);
    return head.next;
  case '#': lua_pushboolean(L, head.length > 0 && head.text[0] == 't'); return head.next;
  case '%': return push_named(L, "map", head.next, end, strtol(head.text, NULL, 10));
  case '~': return push_named(L, "set", head.next, end, strtol(head.text, NULL, 10));
  case '*':
  case '>': {
    long count = strtol(head.text, NULL, 10);
    if (count >= 0) return push_elements(L, head.next, end, count);
    lua_pushboolean(L, 0);
    return head.next;
  }
  default: lua_pushnil(L); return head.next;
  }
}

// Results

static void tell(clua_question question, double number) { ask(question, number, NULL, 0, NULL); }

static void tell_bytes(clua_question question, double number, const char *bytes, size_t count) {
  clua_bytes told = {bytes, count};
  ask(question, number, &told, 1, NULL);
}

/// Leaves what it has read on the stack, so that it stays.
void read_error(lua_State *L, error_information *information) {
  luaL_checkstack(L, 5, "too many values");
  int table = lua_gettop(L);
  lua_getfield(L, table, "err");
  information->message = lua_isstring(L, -1) ? lua_tostring(L, -1) : NULL;
  lua_getfield(L, table, "source");
  information->source = lua_isstring(L, -1) ? lua_tostring(L, -1) : NULL;
  lua_getfield(L, table, "line");
  information->line = lua_isstring(L, -1) ? lua_tostring(L, -1) : NULL;
  lua_getfield(L, table, "ignore_error_stats_update");
  information->is_counted = lua_isboolean(L, -1) && lua_toboolean(L, -1);
  lua_pop(L, 1);
}

/// Pushes a field; 0, and nothing is pushed, if it is of another type.
static int push_field(lua_State *L, const char *name, int type) {
  lua_pushstring(L, name);
  lua_rawget(L, -2);
  if (lua_type(L, -1) == type) return 1;
  lua_pop(L, 1);
  return 0;
}

static int tell_verbatim(lua_State *L) {
  if (!push_field(L, "verbatim_string", LUA_TTABLE)) return 0;
  int is_told = 0;
  if (push_field(L, "format", LUA_TSTRING)) {
    const char *format = lua_tostring(L, -1);
    lua_insert(L, -2);
    if (push_field(L, "string", LUA_TSTRING)) {
      clua_bytes bytes[2] = {{format, strlen(format)}, {NULL, 0}};
      bytes[1].bytes = lua_tolstring(L, -1, &bytes[1].count);
      ask(CLUA_VERBATIM, 0, bytes, 2, NULL);
      lua_pop(L, 1);
      is_told = 1;
    }
    lua_pop(L, 1);
  }
  lua_pop(L, 1);
  return is_told;
}

static int tell_named(lua_State *L, const char *name, clua_question question) {
  if (!push_field(L, name, LUA_TTABLE)) return 0;
  size_t count = 0;
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_pop(L, 1);
    count += 1;
  }
  tell(question, (double)count);
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    if (question == CLUA_SET) lua_pop(L, 1);
    lua_pushvalue(L, question == CLUA_SET ? -1 : -2);
    tell_result(L);
    if (question == CLUA_MAP) tell_result(L);
  }
  lua_pop(L, 1);
  return 1;
}

static void tell_list(lua_State *L) {
  int count = 0;
  for (;;) {
    lua_rawgeti(L, -1, count + 1);
    int is_end = lua_isnil(L, -1);
    lua_pop(L, 1);
    if (is_end) break;
    count += 1;
  }
  tell(CLUA_ARRAY, count);
  for (int index = 1; index <= count; index += 1) {
    lua_rawgeti(L, -1, index);
    tell_result(L);
  }
}

static void tell_table(lua_State *L) {
  if (push_field(L, "err", LUA_TSTRING)) {
    lua_pop(L, 1);
    int top = lua_gettop(L);
    error_information information;
    read_error(L, &information);
    tell_bytes(CLUA_ERROR, information.is_counted, information.message, strlen(information.message));
    lua_settop(L, top);
  } else if (push_field(L, "ok", LUA_TSTRING)) {
    const char *text = lua_tostring(L, -1);
    tell_bytes(CLUA_STATUS, 0, text, strlen(text));
    lua_pop(L, 1);
  } else if (push_field(L, "double", LUA_TNUMBER)) {
    tell(CLUA_DOUBLE, lua_tonumber(L, -1));
    lua_pop(L, 1);
  } else if (push_field(L, "big_number", LUA_TSTRING)) {
    size_t count;
    const char *text = lua_tolstring(L, -1, &count);
    tell_bytes(CLUA_BIG_NUMBER, 0, text, count);
    lua_pop(L, 1);
  } else if (!tell_verbatim(L) && !tell_named(L, "map", CLUA_MAP) && !tell_named(L, "set", CLUA_SET)) {
    tell_list(L);
  }
}

/// Tells the value on top, and takes it off.
void tell_result(lua_State *L) {
  if (!lua_checkstack(L, 8)) {
    static const char text[] = "ERR reached lua stack limit";
    tell_bytes(CLUA_ERROR, 0, text, sizeof text - 1);
    lua_pop(L, 1);
    return;
  }
  switch (lua_type(L, -1)) {
  case LUA_TSTRING: {
    size_t count;
    const char *bytes = lua_tolstring(L, -1, &count);
    tell_bytes(CLUA_BULK, 0, bytes, count);
    break;
  }
  case LUA_TBOOLEAN: tell(CLUA_BOOLEAN, lua_toboolean(L, -1)); break;
  case LUA_TNUMBER: tell(CLUA_INTEGER, lua_tonumber(L, -1)); break;
  case LUA_TTABLE: tell_table(L); break;
  default: tell(CLUA_NIL, 0);
  }
  lua_pop(L, 1);
}

// Bytes that grow

void growing_begin(growing *buffer, lua_State *L) {
  luaL_checkstack(L, 4, "too many values");
  buffer->L = L;
  buffer->count = 0;
  buffer->capacity = 512;
  buffer->bytes = lua_newuserdata(L, buffer->capacity);
  buffer->slot = lua_gettop(L);
}

char *growing_reserve(growing *buffer, size_t count) {
  if (buffer->capacity - buffer->count < count) {
    size_t wanted = buffer->capacity;
    while (wanted - buffer->count < count) {
      if (wanted > (size_t)1 << 40) luaL_error(buffer->L, "not enough memory");
      wanted *= 2;
    }
    char *bytes = lua_newuserdata(buffer->L, wanted);
    memcpy(bytes, buffer->bytes, buffer->count);
    lua_replace(buffer->L, buffer->slot);
    buffer->bytes = bytes;
    buffer->capacity = wanted;
  }
  return buffer->bytes + buffer->count;
}

void growing_add(growing *buffer, const void *bytes, size_t count) {
  if (count == 0) return;
  memcpy(growing_reserve(buffer, count), bytes, count);
  buffer->count += count;
}

void growing_add_byte(growing *buffer, char byte) {
  *growing_reserve(buffer, 1) = byte;
  buffer->count += 1;
}

void growing_push(growing *buffer) { lua_pushlstring(buffer->L, buffer->bytes, buffer->count); }
