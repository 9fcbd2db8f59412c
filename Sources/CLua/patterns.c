// string.find, match, gmatch and gsub. The system's are the same but for two things that a script may not have: time without
// instructions, and the process's stack for as long as its pattern is.

#define _GNU_SOURCE
#include "internal.h"

#include <ctype.h>
#include <string.h>

enum { MOST_CAPTURES = 32, DEEPEST = 1000, STEPS = 4096, UNFINISHED = -1, POSITION = -2 };
#define ESCAPE '%'

typedef struct {
  lua_State *L;
  const char *start, *end;
  int count, depth, steps;
  struct {
    const char *start;
    ptrdiff_t length;
  } captures[MOST_CAPTURES];
} matcher;

static const char *match(matcher *m, const char *text, const char *pattern);

static void step(matcher *m) {
  m->steps += 1;
  if (m->steps < STEPS) return;
  m->steps = 0;
  charge(m->L, STEPS);
}

// One character

static int is_of_class(int byte, int class) {
  int result;
  switch (tolower(class)) {
  case 'a': result = isalpha(byte); break;
  case 'c': result = iscntrl(byte); break;
  case 'd': result = isdigit(byte); break;
  case 'l': result = islower(byte); break;
  case 'p': result = ispunct(byte); break;
  case 's': result = isspace(byte); break;
  case 'u': result = isupper(byte); break;
  case 'w': result = isalnum(byte); break;
  case 'x': result = isxdigit(byte); break;
  case 'z': result = byte == 0; break;
  default: return class == byte;
  }
  return isupper(class) ? !result : result != 0;
}

/// Where the pattern of one character ends.
static const char *end_of_one(matcher *m, const char *pattern) {
  if (*pattern == ESCAPE) {
    if (pattern[1] == 0) luaL_error(m->L, "malformed pattern (ends with " LUA_QL("%%") ")");
    return pattern + 2;
  }
  if (*pattern != '[') return pattern + 1;
  pattern += 1;
  if (*pattern == '^') pattern += 1;
  do {
    if (*pattern == 0) luaL_error(m->L, "malformed pattern (missing " LUA_QL("]") ")");
    int is_escape = *pattern == ESCAPE;
    pattern += 1;
    if (is_escape && *pattern != 0) pattern += 1;
  } while (*pattern != ']');
  return pattern + 1;
}

/// `[a-z]`, of which `last` is the bracket that closes it.
static int is_in_set(matcher *m, int byte, const char *pattern, const char *last) {
  int found = 1;
  if (pattern[1] == '^') {
    found = 0;
    pattern += 1;
  }
  for (pattern += 1; pattern < last; pattern += 1) {
    step(m);
    if (*pattern == ESCAPE) {
      pattern += 1;
      if (is_of_class(byte, (unsigned char)*pattern)) return found;
    } else if (pattern[1] == '-' && pattern + 2 < last) {
      pattern += 2;
      if ((unsigned char)pattern[-2] <= byte && byte <= (unsigned char)*pattern) return found;
    } else if ((unsigned char)*pattern == byte) {
      return found;
    }
  }
  return !found;
}

static int matches_one(matcher *m, const char *text, const char *pattern, const char *after) {
  if (text >= m->end) return 0;
  int byte = (unsigned char)*text;
  switch (*pattern) {
  case '.': return 1;
  case ESCAPE: return is_of_class(byte, (unsigned char)pattern[1]);
  case '[': return is_in_set(m, byte, pattern, after - 1);
  default: return (unsigned char)*pattern == byte;
  }
}

// Several

static const char *match_most(matcher *m, const char *text, const char *pattern, const char *after) {
  ptrdiff_t count = 0;
  while (matches_one(m, text + count, pattern, after)) {
    step(m);
    count += 1;
  }
  for (; count >= 0; count -= 1) {
    const char *found = match(m, text + count, after + 1);
    if (found) return found;
  }
  return NULL;
}

static const char *match_least(matcher *m, const char *text, const char *pattern, const char *after) {
  for (;;) {
    const char *found = match(m, text, after + 1);
    if (found) return found;
    if (!matches_one(m, text, pattern, after)) return NULL;
    text += 1;
  }
}

static const char *match_balance(matcher *m, const char *text, const char *pattern) {
  if (pattern[0] == 0 || pattern[1] == 0) luaL_error(m->L, "unbalanced pattern");
  if (*text != pattern[0]) return NULL;
  int open = 1;
  for (text += 1; text < m->end; text += 1) {
    step(m);
    if (*text == pattern[1]) {
      open -= 1;
      if (open == 0) return text + 1;
    } else if (*text == pattern[0]) {
      open += 1;
    }
  }
  return NULL;
}

// Captures

static const char *begin_capture(matcher *m, const char *text, const char *pattern, ptrdiff_t length) {
  if (m->count >= MOST_CAPTURES) luaL_error(m->L, "too many captures");
  m->captures[m->count].start = text;
  m->captures[m->count].length = length;
  m->count += 1;
  const char *found = match(m, text, pattern);
  if (!found) m->count -= 1;
  return found;
}

static const char *end_capture(matcher *m, const char *text, const char *pattern) {
  int index = m->count - 1;
  while (index >= 0 && m->captures[index].length != UNFINISHED) index -= 1;
  if (index < 0) luaL_error(m->L, "invalid pattern capture");
  m->captures[index].length = text - m->captures[index].start;
  const char *found = match(m, text, pattern);
  if (!found) m->captures[index].length = UNFINISHED;
  return found;
}

static const char *match_capture(matcher *m, const char *text, int digit) {
  int index = digit - '1';
  if (index < 0 || index >= m->count || m->captures[index].length == UNFINISHED) {
    luaL_error(m->L, "invalid capture index");
  }
  size_t length = (size_t)m->captures[index].length;
  int is_same = (size_t)(m->end - text) >= length && memcmp(m->captures[index].start, text, length) == 0;
  return is_same ? text + length : NULL;
}

static const char *match_rest(matcher *m, const char *text, const char *pattern) {
  for (;;) {
    step(m);
    const char *after;
    switch (*pattern) {
    case 0: return text;
    case '(':
      return pattern[1] == ')' ? begin_capture(m, text, pattern + 2, POSITION)
                               : begin_capture(m, text, pattern + 1, UNFINISHED);
    case ')': return end_capture(m, text, pattern + 1);
    case '$':
      if (pattern[1] == 0) return text == m->end ? text : NULL;
      break;
    case ESCAPE:
      if (pattern[1] == 'b') {
        text = match_balance(m, text, pattern + 2);
        if (!text) return NULL;
        pattern += 4;
        continue;
      }
      if (pattern[1] == 'f') {
        pattern += 2;
        if (*pattern != '[') luaL_error(m->L, "missing " LUA_QL("[") " after " LUA_QL("%%f") " in pattern");
        after = end_of_one(m, pattern);
        int before = text == m->start ? 0 : (unsigned char)text[-1];
        if (is_in_set(m, before, pattern, after - 1) || !is_in_set(m, (unsigned char)*text, pattern, after - 1)) {
          return NULL;
        }
        pattern = after;
        continue;
      }
      if (isdigit((unsigned char)pattern[1])) {
        text = match_capture(m, text, (unsigned char)pattern[1]);
        if (!text) return NULL;
        pattern += 2;
        continue;
      }
      break;
    default: break;
    }
    after = end_of_one(m, pattern);
    if (*after == '*') return match_most(m, text, pattern, after);
    if (*after == '-') return match_least(m, text, pattern, after);
    int is_one = matches_one(m, text, pattern, after);
    if (*after == '+') return is_one ? match_most(m, text + 1, pattern, after) : NULL;
    if (*after == '?') {
      const char *found = is_one ? match(m, text + 1, after + 1) : NULL;
      if (found) return found;
      pattern = after + 1;
      continue;
    }
    if (!is_one) return NULL;
    text += 1;
    pattern = after;
  }
}

static const char *match(matcher *m, const char *text, const char *pattern) {
  m->depth += 1;
  if (m->depth > DEEPEST) luaL_error(m->L, "pattern too complex");
  const char *found = match_rest(m, text, pattern);
  m->depth -= 1;
  return found;
}

static const char *match_at(matcher *m, const char *text, const char *pattern) {
  m->count = 0;
  m->depth = 0;
  return match(m, text, pattern);
}

static void push_capture(matcher *m, int index, const char *text, const char *end) {
  if (index >= m->count) {
    if (index != 0) luaL_error(m->L, "invalid capture index");
    lua_pushlstring(m->L, text, (size_t)(end - text));
    return;
  }
  ptrdiff_t length = m->captures[index].length;
  if (length == UNFINISHED) luaL_error(m->L, "unfinished capture");
  if (length == POSITION) lua_pushinteger(m->L, m->captures[index].start - m->start + 1);
  else lua_pushlstring(m->L, m->captures[index].start, (size_t)length);
}

/// All captures; the whole, if there are none and the text is given.
static int push_captures(matcher *m, const char *text, const char *end) {
  int count = m->count == 0 && text ? 1 : m->count;
  luaL_checkstack(m->L, count, "too many captures");
  for (int index = 0; index < count; index += 1) push_capture(m, index, text, end);
  return count;
}

// string

static size_t first_place(lua_State *L, int index, size_t length) {
  ptrdiff_t place = luaL_optinteger(L, index, 1);
  if (place < 0) place += (ptrdiff_t)length + 1;
  if (place < 0) place = 0;
  place -= 1;
  if (place < 0) return 0;
  return (size_t)place > length ? length : (size_t)place;
}

static int find(lua_State *L, int finds) {
  size_t length, pattern_length;
  const char *text = luaL_checklstring(L, 1, &length);
  const char *pattern = luaL_checklstring(L, 2, &pattern_length);
  const char *from = text + first_place(L, 3, length);
  matcher m = {.L = L, .start = text, .end = text + length};
  if (finds && (lua_toboolean(L, 4) || !strpbrk(pattern, "^$*+?.([%-"))) {
    charge(L, length / 64);
    const char *found = memmem(from, (size_t)(m.end - from), pattern, pattern_length);
    if (found) {
      lua_pushinteger(L, found - text + 1);
      lua_pushinteger(L, found - text + (ptrdiff_t)pattern_length);
      return 2;
    }
  } else {
    int is_anchored = *pattern == '^';
    if (is_anchored) pattern += 1;
    do {
      const char *end = match_at(&m, from, pattern);
      if (end && finds) {
        lua_pushinteger(L, from - text + 1);
        lua_pushinteger(L, end - text);
        return push_captures(&m, NULL, NULL) + 2;
      }
      if (end) return push_captures(&m, from, end);
      from += 1;
    } while (from <= m.end && !is_anchored);
  }
  lua_pushnil(L);
  return 1;
}

static int string_find(lua_State *L) { return find(L, 1); }
static int string_match(lua_State *L) { return find(L, 0); }

static int next_match(lua_State *L) {
  size_t length;
  const char *text = lua_tolstring(L, lua_upvalueindex(1), &length);
  const char *pattern = lua_tostring(L, lua_upvalueindex(2));
  matcher m = {.L = L, .start = text, .end = text + length};
  const char *from = text + lua_tointeger(L, lua_upvalueindex(3));
  for (; from <= m.end; from += 1) {
    const char *end = match_at(&m, from, pattern);
    if (!end) continue;
    lua_pushinteger(L, end - text + (end == from ? 1 : 0));
    lua_replace(L, lua_upvalueindex(3));
    return push_captures(&m, from, end);
  }
  return 0;
}

static int string_gmatch(lua_State *L) {
  luaL_checkstring(L, 1);
  luaL_checkstring(L, 2);
  lua_settop(L, 2);
  lua_pushinteger(L, 0);
  lua_pushcclosure(L, next_match, 3);
  return 1;
}

static void add_replaced(matcher *m, growing *to, const char *text, const char *end) {
  size_t length;
  const char *by = lua_tolstring(m->L, 3, &length);
  for (size_t index = 0; index < length; index += 1) {
    if (by[index] != ESCAPE) {
      growing_add_byte(to, by[index]);
      continue;
    }
    index += 1;
    if (!isdigit((unsigned char)by[index])) {
      growing_add_byte(to, by[index]);
    } else if (by[index] == '0') {
      growing_add(to, text, (size_t)(end - text));
    } else {
      push_capture(m, by[index] - '1', text, end);
      size_t count;
      const char *bytes = lua_tolstring(m->L, -1, &count);
      growing_add(to, bytes, count);
      lua_pop(m->L, 1);
    }
  }
}

static void add_value(matcher *m, growing *to, const char *text, const char *end) {
  lua_State *L = m->L;
  switch (lua_type(L, 3)) {
  case LUA_TFUNCTION:
    lua_pushvalue(L, 3);
    lua_call(L, push_captures(m, text, end), 1);
    break;
  case LUA_TTABLE:
    push_capture(m, 0, text, end);
    lua_gettable(L, 3);
    break;
  default: add_replaced(m, to, text, end); return;
  }
  if (!lua_toboolean(L, -1)) {
    lua_pop(L, 1);
    lua_pushlstring(L, text, (size_t)(end - text));
  } else if (!lua_isstring(L, -1)) {
    luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
  }
  size_t count;
  const char *bytes = lua_tolstring(L, -1, &count);
  growing_add(to, bytes, count);
  lua_pop(L, 1);
}

static int string_gsub(lua_State *L) {
  size_t length;
  const char *text = luaL_checklstring(L, 1, &length);
  const char *pattern = luaL_checkstring(L, 2);
  int type = lua_type(L, 3);
  int most = luaL_optint(L, 4, (int)length + 1);
  int is_known = type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE;
  luaL_argcheck(L, is_known, 3, "string/function/table expected");
  int is_anchored = *pattern == '^';
  if (is_anchored) pattern += 1;
  matcher m = {.L = L, .start = text, .end = text + length};
  growing result;
  growing_begin(&result, L);
  int count = 0;
  while (count < most) {
    const char *end = match_at(&m, text, pattern);
    if (end) {
      count += 1;
      add_value(&m, &result, text, end);
    }
    if (end && end > text) text = end;
    else if (text < m.end) growing_add_byte(&result, *text++);
    else break;
    if (is_anchored) break;
  }
  growing_add(&result, text, (size_t)(m.end - text));
  growing_push(&result);
  lua_pushinteger(L, count);
  return 2;
}

void open_patterns(lua_State *L) {
  lua_getglobal(L, "string");
  static const luaL_Reg functions[] = {
    {"find", string_find}, {"match", string_match}, {"gmatch", string_gmatch}, {"gfind", string_gmatch},
    {"gsub", string_gsub}, {NULL, NULL},
  };
  for (const luaL_Reg *function = functions; function->name; function += 1) {
    lua_pushcfunction(L, function->func);
    lua_setfield(L, -2, function->name);
  }
  lua_pop(L, 1);
}
