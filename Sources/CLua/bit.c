// bit: operations on the lowest 32 bits of numbers (Lua BitOp 1.0.2).

#include "internal.h"

#include <string.h>

static uint32_t bits(lua_State *L, int index) {
  union {
    lua_Number number;
    uint64_t bits;
  } sum;
  sum.number = lua_tonumber(L, index);
  // Then the lowest bits of the fraction are those of the number.
  sum.number += 6755399441055744.0;
  uint32_t found = (uint32_t)sum.bits;
  if (found == 0 && !lua_isnumber(L, index)) luaL_typerror(L, index, "number");
  return found;
}

static int give(lua_State *L, uint32_t result) {
  lua_pushnumber(L, (lua_Number)(int32_t)result);
  return 1;
}

static uint32_t rotated(uint32_t value, uint32_t count) {
  return count == 0 ? value : value << count | value >> (32 - count);
}

static int bit_tobit(lua_State *L) { return give(L, bits(L, 1)); }
static int bit_bnot(lua_State *L) { return give(L, ~bits(L, 1)); }

static int bit_band(lua_State *L) {
  uint32_t result = bits(L, 1);
  for (int index = lua_gettop(L); index > 1; index -= 1) result &= bits(L, index);
  return give(L, result);
}

static int bit_bor(lua_State *L) {
  uint32_t result = bits(L, 1);
  for (int index = lua_gettop(L); index > 1; index -= 1) result |= bits(L, index);
  return give(L, result);
}

static int bit_bxor(lua_State *L) {
  uint32_t result = bits(L, 1);
  for (int index = lua_gettop(L); index > 1; index -= 1) result ^= bits(L, index);
  return give(L, result);
}

/// The value, and by how much it is to be moved.
static uint32_t operands(lua_State *L, uint32_t *count) {
  uint32_t value = bits(L, 1);
  *count = bits(L, 2) & 31;
  return value;
}

static int bit_lshift(lua_State *L) {
  uint32_t count, value = operands(L, &count);
  return give(L, value << count);
}

static int bit_rshift(lua_State *L) {
  uint32_t count, value = operands(L, &count);
  return give(L, value >> count);
}

static int bit_arshift(lua_State *L) {
  uint32_t count, value = operands(L, &count);
  return give(L, (uint32_t)((int32_t)value >> count));
}

static int bit_rol(lua_State *L) {
  uint32_t count, value = operands(L, &count);
  return give(L, rotated(value, count));
}

static int bit_ror(lua_State *L) {
  uint32_t count, value = operands(L, &count);
  return give(L, rotated(value, (32 - count) & 31));
}

static int bit_bswap(lua_State *L) { return give(L, __builtin_bswap32(bits(L, 1))); }

static int bit_tohex(lua_State *L) {
  uint32_t value = bits(L, 1);
  int32_t count = lua_isnone(L, 2) ? 8 : (int32_t)bits(L, 2);
  const char *digits = count < 0 ? "0123456789ABCDEF" : "0123456789abcdef";
  if (count < 0) count = count == INT32_MIN ? 8 : -count;
  if (count > 8) count = 8;
  char text[8];
  for (int place = count - 1; place >= 0; place -= 1) {
    text[place] = digits[value & 15];
    value >>= 4;
  }
  lua_pushlstring(L, text, (size_t)count);
  return 1;
}

int open_bit(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"tobit", bit_tobit}, {"bnot", bit_bnot}, {"band", bit_band}, {"bor", bit_bor}, {"bxor", bit_bxor},
    {"lshift", bit_lshift}, {"rshift", bit_rshift}, {"arshift", bit_arshift}, {"rol", bit_rol}, {"ror", bit_ror},
    {"bswap", bit_bswap}, {"tohex", bit_tohex}, {NULL, NULL},
  };
  luaL_register(L, "bit", functions);
  return 1;
}
