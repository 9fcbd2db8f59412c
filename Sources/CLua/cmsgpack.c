// cmsgpack: MessagePack (lua-cmsgpack 0.4.0, as Redis 7.0 has it).

#include "internal.h"

#include <limits.h>
#include <math.h>
#include <string.h>

/// A table deeper than that is packed as nil.
enum { DEEPEST = 16 };

// Packing

/// A sign and a number of so many bytes behind it, the highest first.
static void add_number(growing *to, unsigned char sign, uint64_t number, int size) {
  char *bytes = growing_reserve(to, 9);
  bytes[0] = (char)sign;
  for (int index = 0; index < size; index += 1) bytes[1 + index] = (char)(number >> (8 * (size - 1 - index)));
  to->count += 1 + (size_t)size;
}

static void add_integer(growing *to, int64_t number) {
  if (number >= 0) {
    if (number <= 127) add_number(to, (unsigned char)number, 0, 0);
    else if (number <= 0xff) add_number(to, 0xcc, (uint64_t)number, 1);
    else if (number <= 0xffff) add_number(to, 0xcd, (uint64_t)number, 2);
    else if (number <= 0xffffffff) add_number(to, 0xce, (uint64_t)number, 4);
    else add_number(to, 0xcf, (uint64_t)number, 8);
  } else {
    if (number >= -32) add_number(to, (unsigned char)number, 0, 0);
    else if (number >= -128) add_number(to, 0xd0, (uint64_t)number, 1);
    else if (number >= -32768) add_number(to, 0xd1, (uint64_t)number, 2);
    else if (number >= INT32_MIN) add_number(to, 0xd2, (uint64_t)number, 4);
    else add_number(to, 0xd3, (uint64_t)number, 8);
  }
}

/// The number as an integer, where it is one; where it is too great, as the processor makes one of it.
static int is_integer(lua_Number number, int64_t *integer) {
  if (isinf(number)) return 0;
  *integer = number >= -9223372036854775808.0 && number < 9223372036854775808.0 ? (int64_t)number : INT64_MIN;
  return (lua_Number)*integer == number;
}

static void add_lua_number(growing *to, lua_Number number) {
  int64_t integer;
  if (is_integer(number, &integer)) {
    add_integer(to, integer);
    return;
  }
  float single = (float)number;
  if (number == (lua_Number)single) {
    uint32_t bits;
    memcpy(&bits, &single, 4);
    add_number(to, 0xca, bits, 4);
  } else {
    uint64_t bits;
    memcpy(&bits, &number, 8);
    add_number(to, 0xcb, bits, 8);
  }
}

static void add_string(growing *to, const char *bytes, size_t count) {
  if (count < 32) add_number(to, (unsigned char)(0xa0 | count), 0, 0);
  else if (count <= 0xff) add_number(to, 0xd9, count, 1);
  else if (count <= 0xffff) add_number(to, 0xda, count, 2);
  else add_number(to, 0xdb, count, 4);
  growing_add(to, bytes, count);
}

static void add_count(growing *to, size_t count, unsigned char few, unsigned char more) {
  if (count <= 15) add_number(to, (unsigned char)(few | count), 0, 0);
  else if (count <= 0xffff) add_number(to, more, count, 2);
  else add_number(to, (unsigned char)(more + 1), count, 4);
}

/// Its keys are the numbers from one on. The number of its keys is counted in any case.
static int is_list(lua_State *L, size_t *count) {
  lua_Number greatest = 0;
  int result = 1;
  *count = 0;
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_pop(L, 1);
    *count += 1;
    if (!result) continue;
    int64_t integer;
    lua_Number number = lua_type(L, -1) == LUA_TNUMBER ? lua_tonumber(L, -1) : 0;
    if (number <= 0 || !is_integer(number, &integer)) result = 0;
    else if (number > greatest) greatest = number;
  }
  return result && greatest == (lua_Number)*count;
}

static void add_value(lua_State *L, growing *to, int depth);

static void add_table(lua_State *L, growing *to, int depth) {
  size_t count;
  luaL_checkstack(L, 6, "in function mp_encode_lua_table");
  if (is_list(L, &count)) {
    size_t length = lua_objlen(L, -1);
    add_count(to, length, 0x90, 0xdc);
    for (size_t index = 1; index <= length; index += 1) {
      lua_pushnumber(L, (lua_Number)index);
      lua_gettable(L, -2);
      add_value(L, to, depth + 1);
    }
    return;
  }
  add_count(to, count, 0x80, 0xde);
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_pushvalue(L, -2);
    add_value(L, to, depth + 1);
    add_value(L, to, depth + 1);
  }
}

/// Packs the value on top, and takes it off.
static void add_value(lua_State *L, growing *to, int depth) {
  resolve(L, -1);
  switch (lua_type(L, -1)) {
  case LUA_TSTRING: {
    size_t count;
    const char *bytes = lua_tolstring(L, -1, &count);
    add_string(to, bytes, count);
    break;
  }
  case LUA_TBOOLEAN: add_number(to, lua_toboolean(L, -1) ? 0xc3 : 0xc2, 0, 0); break;
  case LUA_TNUMBER: add_lua_number(to, lua_tonumber(L, -1)); break;
  case LUA_TTABLE:
    if (depth < DEEPEST) {
      add_table(L, to, depth);
      break;
    }
    // fall through
  default: add_number(to, 0xc0, 0, 0);
  }
  lua_pop(L, 1);
}

static int cmsgpack_pack(lua_State *L) {
  int count = lua_gettop(L);
  if (count == 0) return luaL_argerror(L, 0, "MessagePack pack needs input.");
  growing result;
  growing_begin(&result, L);
  for (int index = 1; index <= count; index += 1) {
    lua_pushvalue(L, index);
    add_value(L, &result, 0);
  }
  growing_push(&result);
  return 1;
}

// Unpacking

typedef enum { GOOD, TOO_SHORT, BAD } outcome;

typedef struct {
  const unsigned char *bytes;
  size_t left;
  outcome outcome;
} cursor;

static int take(cursor *from, size_t count) {
  if (from->left < count) {
    from->outcome = TOO_SHORT;
    return 0;
  }
  from->bytes += count;
  from->left -= count;
  return 1;
}

/// The number of so many bytes behind the sign, which is taken with it.
static int take_number(cursor *from, int size, uint64_t *number) {
  if (!take(from, 1 + (size_t)size)) return 0;
  *number = 0;
  for (int index = 0; index < size; index += 1) *number = *number << 8 | from->bytes[index - size];
  return 1;
}

static void unpack_value(lua_State *L, cursor *from);

static void unpack_string(lua_State *L, cursor *from, size_t count) {
  const unsigned char *bytes = from->bytes;
  if (take(from, count)) lua_pushlstring(L, (const char *)bytes, count);
}

static void unpack_list(lua_State *L, cursor *from, uint64_t count) {
  lua_newtable(L);
  luaL_checkstack(L, 1, "in function mp_decode_to_lua_array");
  for (uint64_t index = 1; index <= count; index += 1) {
    lua_pushnumber(L, (lua_Number)index);
    unpack_value(L, from);
    if (from->outcome != GOOD) return;
    lua_settable(L, -3);
  }
}

static void unpack_map(lua_State *L, cursor *from, uint64_t count) {
  lua_newtable(L);
  for (uint64_t index = 0; index < count; index += 1) {
    unpack_value(L, from);
    if (from->outcome != GOOD) return;
    unpack_value(L, from);
    if (from->outcome != GOOD) return;
    lua_settable(L, -3);
  }
}

static void unpack_float(lua_State *L, cursor *from, int size) {
  uint64_t bits;
  if (!take_number(from, size, &bits)) return;
  if (size == 4) {
    uint32_t low = (uint32_t)bits;
    float single;
    memcpy(&single, &low, 4);
    lua_pushnumber(L, single);
  } else {
    double full;
    memcpy(&full, &bits, 8);
    lua_pushnumber(L, full);
  }
}

/// Pushes the next value, or nothing, where the bytes are none.
static void unpack_value(lua_State *L, cursor *from) {
  uint64_t number;
  luaL_checkstack(L, 1, "too many return values at once; use unpack_one or unpack_limit instead.");
  if (from->left < 1) {
    from->outcome = TOO_SHORT;
    return;
  }
  unsigned char sign = from->bytes[0];
  switch (sign) {
  case 0xcc:
  case 0xcd:
  case 0xce:
  case 0xcf:
    if (take_number(from, 1 << (sign - 0xcc), &number)) lua_pushnumber(L, (lua_Number)number);
    return;
  case 0xd0:
    if (take_number(from, 1, &number)) lua_pushnumber(L, (int8_t)number);
    return;
  case 0xd1:
    if (take_number(from, 2, &number)) lua_pushnumber(L, (int16_t)number);
    return;
  case 0xd2:
    if (take_number(from, 4, &number)) lua_pushnumber(L, (int32_t)number);
    return;
  case 0xd3:
    if (take_number(from, 8, &number)) lua_pushnumber(L, (lua_Number)(int64_t)number);
    return;
  case 0xc0:
    take(from, 1);
    lua_pushnil(L);
    return;
  case 0xc2:
  case 0xc3:
    take(from, 1);
    lua_pushboolean(L, sign == 0xc3);
    return;
  case 0xca:
  case 0xcb: unpack_float(L, from, sign == 0xca ? 4 : 8); return;
  case 0xd9:
  case 0xda:
  case 0xdb:
    if (take_number(from, 1 << (sign - 0xd9), &number)) unpack_string(L, from, number);
    return;
  case 0xdc:
  case 0xdd:
    if (take_number(from, sign == 0xdc ? 2 : 4, &number)) unpack_list(L, from, number);
    return;
  case 0xde:
  case 0xdf:
    if (take_number(from, sign == 0xde ? 2 : 4, &number)) unpack_map(L, from, number);
    return;
  default: break;
  }
  if (sign >= 0xc0 && sign < 0xe0) {
    from->outcome = BAD;
    return;
  }
  take(from, 1);
  if (sign < 0x80 || sign >= 0xe0) lua_pushnumber(L, (int8_t)sign);
  else if (sign < 0x90) unpack_map(L, from, sign & 15);
  else if (sign < 0xa0) unpack_list(L, from, sign & 15);
  else unpack_string(L, from, sign & 31);
}

static int unpack(lua_State *L, int limit, int offset) {
  size_t length;
  const char *bytes = luaL_checklstring(L, 1, &length);
  if (offset < 0 || limit < 0) {
    return luaL_error(L, "Invalid request to unpack with offset of %d and limit of %d.", offset, (int)length);
  }
  if ((size_t)offset > length) {
    return luaL_error(L, "Start offset %d greater than input length %d.", offset, (int)length);
  }
  int takes_all = limit == 0 && offset == 0;
  if (takes_all) limit = INT_MAX;
  cursor from = {(const unsigned char *)bytes + offset, length - (size_t)offset, GOOD};
  int count = 0;
  for (; from.left > 0 && count < limit; count += 1) {
    unpack_value(L, &from);
    if (from.outcome == TOO_SHORT) return luaL_error(L, "Missing bytes in input.");
    if (from.outcome == BAD) return luaL_error(L, "Bad data format in input.");
  }
  if (takes_all) return count;
  luaL_checkstack(L, 1, "too many return values");
  lua_pushinteger(L, from.left == 0 ? -1 : (lua_Integer)(length - from.left));
  lua_insert(L, 2);
  return count + 1;
}

static int cmsgpack_unpack(lua_State *L) { return unpack(L, 0, 0); }

static int cmsgpack_unpack_one(lua_State *L) {
  int offset = (int)luaL_optinteger(L, 2, 0);
  lua_settop(L, 1);
  return unpack(L, 1, offset);
}

static int cmsgpack_unpack_limit(lua_State *L) {
  int limit = (int)luaL_checkinteger(L, 2);
  int offset = (int)luaL_optinteger(L, 3, 0);
  lua_settop(L, 1);
  return unpack(L, limit, offset);
}

int open_cmsgpack(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"pack", cmsgpack_pack}, {"unpack", cmsgpack_unpack}, {"unpack_one", cmsgpack_unpack_one},
    {"unpack_limit", cmsgpack_unpack_limit}, {NULL, NULL},
  };
  lua_newtable(L);
  luaL_register(L, NULL, functions);
  static const char *const texts[][2] = {
    {"_NAME", "cmsgpack"}, {"_VERSION", "lua-cmsgpack 0.4.0"},
    {"_COPYRIGHT", "Copyright (C) 2012, Salvatore Sanfilippo"}, {"_DESCRIPTION", "MessagePack C implementation for Lua"},
  };
  for (int index = 0; index < 4; index += 1) {
    lua_pushstring(L, texts[index][1]);
    lua_setfield(L, -2, texts[index][0]);
  }
  lua_pushvalue(L, -1);
  lua_setglobal(L, "cmsgpack");
  return 1;
}
