// struct: values as the bytes of C's types, and back (the struct library of Lua 5.1, 0.2).
//
//     b B h H l L T    integers of 1, 2, 8 and 8 bytes        > <    the order of bytes from here on
//     i4 I4            integers of so many bytes              !8     the greatest alignment from here on
//     f d              floating point                         x      a byte of padding
//     c4 s             so many bytes; a text with its NUL

#include "internal.h"

#include <ctype.h>
#include <limits.h>
#include <string.h>

enum { GREATEST_INTEGER = 32 };

typedef struct {
  const char *format;
  int is_big;
  size_t alignment;
} reader;

static int read_number(lua_State *L, reader *at, int absent) {
  if (!isdigit((unsigned char)*at->format)) return absent;
  long long number = 0;
  while (isdigit((unsigned char)*at->format)) {
    number = number * 10 + (*at->format - '0');
    if (number > INT_MAX) luaL_error(L, "integral size overflow");
    at->format += 1;
  }
  return (int)number;
}

static size_t read_size(lua_State *L, reader *at, int option) {
  switch (option) {
  case 'b':
  case 'B':
  case 'x': return 1;
  case 'h':
  case 'H': return 2;
  case 'f': return 4;
  case 'd':
  case 'l':
  case 'L':
  case 'T': return 8;
  case 'c': return (size_t)read_number(L, at, 1);
  case 'i':
  case 'I': {
    int size = read_number(L, at, 4);
    if (size > GREATEST_INTEGER) {
      luaL_error(L, "integral size %d is larger than limit of %d", size, GREATEST_INTEGER);
    }
    return (size_t)size;
  }
  default: return 0;
  }
}

/// How many bytes have to be left out before one of that size.
static size_t padding(const reader *at, size_t place, int option, size_t size) {
  if (size == 0 || option == 'c') return 0;
  if (size > at->alignment) size = at->alignment;
  return (size - (place & (size - 1))) & (size - 1);
}

static void control(lua_State *L, reader *at, int option) {
  switch (option) {
  case ' ': break;
  case '>': at->is_big = 1; break;
  case '<': at->is_big = 0; break;
  case '!': {
    int alignment = read_number(L, at, 8);
    if (alignment <= 0 || (alignment & (alignment - 1)) != 0) {
      luaL_error(L, "alignment %d is not a power of 2", alignment);
    }
    at->alignment = (size_t)alignment;
    break;
  }
  default: luaL_argerror(L, 1, lua_pushfstring(L, "invalid format option '%c'", option));
  }
}

/// As the processor does it; what is too great has no meaning.
static uint64_t as_integer(lua_Number number) {
  if (number < 0) return number >= -9223372036854775808.0 ? (uint64_t)(int64_t)number : (uint64_t)INT64_MIN;
  if (number < 9223372036854775808.0) return (uint64_t)(int64_t)number;
  if (number < 18446744073709551616.0) return (uint64_t)(int64_t)(number - 9223372036854775808.0) ^ (uint64_t)INT64_MIN;
  return 0;
}

static void add_integer(growing *to, uint64_t value, size_t size, int is_big) {
  char bytes[GREATEST_INTEGER];
  for (size_t index = 0; index < size; index += 1) {
    bytes[is_big ? size - 1 - index : index] = (char)(value & 0xff);
    value >>= 8;
  }
  growing_add(to, bytes, size);
}

static lua_Number read_integer(const char *bytes, size_t size, int is_big, int is_signed) {
  uint64_t value = 0;
  for (size_t index = 0; index < size; index += 1) {
    value = value << 8 | (unsigned char)bytes[is_big ? index : size - 1 - index];
  }
  if (!is_signed) return (lua_Number)value;
  uint64_t mask = ~(uint64_t)0 << ((size * 8 - 1) & 63);
  if (value & mask) value |= mask;
  return (lua_Number)(int64_t)value;
}

static int struct_pack(lua_State *L) {
  reader at = {luaL_checkstring(L, 1), 0, 1};
  growing result;
  int argument = 2;
  int last = lua_gettop(L);
  lua_pushnil(L);
  growing_begin(&result, L);
  size_t total = 0;
  while (*at.format) {
    int option = (unsigned char)*at.format++;
    size_t size = read_size(L, &at, option);
    size_t missing = padding(&at, total, option, size);
    total += missing;
    for (; missing > 0; missing -= 1) growing_add_byte(&result, 0);
    switch (option) {
    case 'b':
    case 'B':
    case 'h':
    case 'H':
    case 'l':
    case 'L':
    case 'T':
    case 'i':
    case 'I': add_integer(&result, as_integer(luaL_checknumber(L, argument++)), size, at.is_big); break;
    case 'x': growing_add_byte(&result, 0); break;
    case 'f': {
      float number = (float)luaL_checknumber(L, argument++);
      uint32_t bits;
      memcpy(&bits, &number, 4);
      add_integer(&result, bits, 4, at.is_big);
      break;
    }
    case 'd': {
      lua_Number number = luaL_checknumber(L, argument++);
      uint64_t bits;
      memcpy(&bits, &number, 8);
      add_integer(&result, bits, 8, at.is_big);
      break;
    }
    case 'c':
    case 's': {
      size_t length;
      const char *text = luaL_checklstring(L, argument++, &length);
      if (size == 0) size = length;
      luaL_argcheck(L, length >= size, argument, "string too short");
      growing_add(&result, text, size);
      if (option == 's') {
        growing_add_byte(&result, 0);
        size += 1;
      }
      break;
    }
    default: control(L, &at, option);
    }
    if (argument > last + 1) argument = last + 1;
    total += size;
  }
  growing_push(&result);
  return 1;
}

static int struct_unpack(lua_State *L) {
  reader at = {luaL_checkstring(L, 1), 0, 1};
  size_t length;
  const char *data = luaL_checklstring(L, 2, &length);
  size_t place = (size_t)luaL_optinteger(L, 3, 1);
  luaL_argcheck(L, place > 0, 3, "offset must be 1 or greater");
  place -= 1;
  int count = 0;
  while (*at.format) {
    int option = (unsigned char)*at.format++;
    size_t size = read_size(L, &at, option);
    place += padding(&at, place, option, size);
    luaL_argcheck(L, size <= length && place <= length - size, 2, "data string too short");
    luaL_checkstack(L, 2, "too many results");
    switch (option) {
    case 'b':
    case 'B':
    case 'h':
    case 'H':
    case 'l':
    case 'L':
    case 'T':
    case 'i':
    case 'I':
      lua_pushnumber(L, read_integer(data + place, size, at.is_big, islower(option)));
      count += 1;
      break;
    case 'x': break;
    case 'f':
    case 'd': {
      char bytes[8];
      for (size_t index = 0; index < size; index += 1) {
        bytes[at.is_big ? size - 1 - index : index] = data[place + index];
      }
      float single = 0;
      double full = 0;
      memcpy(option == 'f' ? (void *)&single : (void *)&full, bytes, size);
      lua_pushnumber(L, option == 'f' ? single : full);
      count += 1;
      break;
    }
    case 'c':
      if (size == 0) {
        if (count == 0 || !lua_isnumber(L, -1)) luaL_error(L, "format 'c0' needs a previous size");
        lua_Number wanted = lua_tonumber(L, -1);
        size = wanted >= 0 && wanted < 9e18 ? (size_t)wanted : SIZE_MAX;
        lua_pop(L, 1);
        count -= 1;
        luaL_argcheck(L, size <= length && place <= length - size, 2, "data string too short");
      }
      lua_pushlstring(L, data + place, size);
      count += 1;
      break;
    case 's': {
      const char *end = memchr(data + place, 0, length - place);
      if (!end) luaL_error(L, "unfinished string in data");
      size = (size_t)(end - (data + place)) + 1;
      lua_pushlstring(L, data + place, size - 1);
      count += 1;
      break;
    }
    default: control(L, &at, option);
    }
    place += size;
  }
  lua_pushinteger(L, (lua_Integer)place + 1);
  return count + 1;
}

static int struct_size(lua_State *L) {
  reader at = {luaL_checkstring(L, 1), 0, 1};
  size_t place = 0;
  while (*at.format) {
    int option = (unsigned char)*at.format++;
    size_t size = read_size(L, &at, option);
    place += padding(&at, place, option, size);
    if (option == 's') luaL_argerror(L, 1, "option 's' has no fixed size");
    if (option == 'c' && size == 0) luaL_argerror(L, 1, "option 'c0' has no fixed size");
    if (!isalnum(option)) control(L, &at, option);
    place += size;
  }
  lua_pushinteger(L, (lua_Integer)place);
  return 1;
}

int open_struct(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"pack", struct_pack}, {"unpack", struct_unpack}, {"size", struct_size}, {NULL, NULL}};
  luaL_register(L, "struct", functions);
  return 1;
}
