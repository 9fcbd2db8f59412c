// cjson: JSON (lua-cjson 2.1.0, as Redis 7.0 has it). What a script sets lasts as long as its run.

#include "internal.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct {
  int converts_sparse, sparse_ratio, sparse_safe;
  int encode_depth, decode_depth;
  int precision;
  int keeps_buffer;
  /// 0: an error; 1: as they are; 2: null.
  int encodes_invalid;
  int decodes_invalid;
} settings;

static const settings defaults = {0, 2, 10, 1000, 1000, 14, 1, 0, 1};

static settings *of(lua_State *L) { return lua_touserdata(L, lua_upvalueindex(1)); }

// Encoding

static void add_text(growing *to, const char *text) { growing_add(to, text, strlen(text)); }

static void add_string(growing *to, const char *bytes, size_t count) {
  static const char *const names = "\b\t\n\f\r\"\\/";
  static const char *const letters = "btnfr\"\\/";
  growing_add_byte(to, '"');
  for (size_t index = 0; index < count; index += 1) {
    unsigned char byte = (unsigned char)bytes[index];
    const char *named = byte ? strchr(names, byte) : NULL;
    if (named) {
      growing_add_byte(to, '\\');
      growing_add_byte(to, letters[named - names]);
    } else if (byte < 32 || byte == 127) {
      char code[8];
      snprintf(code, sizeof code, "\\u%04x", byte);
      add_text(to, code);
    } else {
      growing_add_byte(to, (char)byte);
    }
  }
  growing_add_byte(to, '"');
}

static void refuse(lua_State *L, int index, const char *reason) {
  luaL_error(L, "Cannot serialise %s: %s", lua_typename(L, lua_type(L, index)), reason);
}

static void add_number(lua_State *L, const settings *settings, growing *to, int index) {
  lua_Number number = lua_tonumber(L, index);
  if (isinf(number) || isnan(number)) {
    if (settings->encodes_invalid == 0) refuse(L, index, "must not be NaN or Inf");
    if (settings->encodes_invalid == 2) {
      add_text(to, "null");
      return;
    }
    add_text(to, isnan(number) ? "nan" : number < 0 ? "-inf" : "inf");
    return;
  }
  char text[40];
  snprintf(text, sizeof text, "%.*g", settings->precision, number);
  add_text(to, text);
}

/// How long a list the table on top is; -1: it is none.
static long list_length(lua_State *L, const settings *settings) {
  lua_Number greatest = 0;
  lua_Number count = 0;
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    lua_Number key = lua_type(L, -2) == LUA_TNUMBER ? lua_tonumber(L, -2) : 0;
    if (key < 1 || floor(key) != key) {
      lua_pop(L, 2);
      return -1;
    }
    if (key > greatest) greatest = key;
    count += 1;
    lua_pop(L, 1);
  }
  int is_sparse =
    settings->sparse_ratio > 0 && greatest > count * settings->sparse_ratio && greatest > settings->sparse_safe;
  if (is_sparse) {
    if (!settings->converts_sparse) refuse(L, -1, "excessively sparse array");
    return -1;
  }
  return greatest > INT_MAX ? INT_MAX : (long)greatest;
}

static void add_value(lua_State *L, const settings *settings, growing *to, int depth);

static void add_list(lua_State *L, const settings *settings, growing *to, int depth, long length) {
  growing_add_byte(to, '[');
  for (long index = 1; index <= length; index += 1) {
    if (index > 1) growing_add_byte(to, ',');
    lua_rawgeti(L, -1, (int)index);
    add_value(L, settings, to, depth);
    lua_pop(L, 1);
  }
  growing_add_byte(to, ']');
}

static void add_object(lua_State *L, const settings *settings, growing *to, int depth) {
  int is_first = 1;
  growing_add_byte(to, '{');
  lua_pushnil(L);
  while (lua_next(L, -2)) {
    if (!is_first) growing_add_byte(to, ',');
    is_first = 0;
    if (lua_type(L, -2) == LUA_TNUMBER) {
      growing_add_byte(to, '"');
      add_number(L, settings, to, -2);
      growing_add_byte(to, '"');
    } else if (lua_type(L, -2) == LUA_TSTRING) {
      size_t count;
      const char *bytes = lua_tolstring(L, -2, &count);
      add_string(to, bytes, count);
    } else {
      refuse(L, -2, "table key must be a number or string");
    }
    growing_add_byte(to, ':');
    add_value(L, settings, to, depth);
    lua_pop(L, 1);
  }
  growing_add_byte(to, '}');
}

/// Adds the value on top, and leaves it there.
static void add_value(lua_State *L, const settings *settings, growing *to, int depth) {
  resolve(L, -1);
  switch (lua_type(L, -1)) {
  case LUA_TSTRING: {
    size_t count;
    const char *bytes = lua_tolstring(L, -1, &count);
    add_string(to, bytes, count);
    break;
  }
  case LUA_TNUMBER: add_number(L, settings, to, -1); break;
  case LUA_TBOOLEAN: add_text(to, lua_toboolean(L, -1) ? "true" : "false"); break;
  case LUA_TTABLE: {
    depth += 1;
    if (depth > settings->encode_depth || !lua_checkstack(L, 8)) {
      luaL_error(L, "Cannot serialise, excessive nesting (%d)", depth);
    }
    long length = list_length(L, settings);
    if (length > 0) add_list(L, settings, to, depth, length);
    else add_object(L, settings, to, depth);
    break;
  }
  case LUA_TNIL: add_text(to, "null"); break;
  case LUA_TLIGHTUSERDATA:
    if (!lua_touserdata(L, -1)) {
      add_text(to, "null");
      break;
    }
    // fall through
  default: refuse(L, -1, "type not supported");
  }
}

static int cjson_encode(lua_State *L) {
  luaL_argcheck(L, lua_gettop(L) == 1, 1, "expected 1 argument");
  growing result;
  growing_begin(&result, L);
  lua_pushvalue(L, 1);
  add_value(L, of(L), &result, 0);
  growing_push(&result);
  return 1;
}

// Decoding

typedef enum {
  OBJECT_BEGIN, OBJECT_END, ARRAY_BEGIN, ARRAY_END, STRING, NUMBER, BOOLEAN, NULL_VALUE, COLON, COMMA, END, ERROR
} kind;

static const char *const kind_names[] = {
  "T_OBJ_BEGIN", "T_OBJ_END", "T_ARR_BEGIN", "T_ARR_END", "T_STRING", "T_NUMBER", "T_BOOLEAN", "T_NULL", "T_COLON",
  "T_COMMA", "T_END", "T_ERROR",
};

typedef struct {
  kind kind;
  size_t place;
  lua_Number number;
  int is_true;
  const char *error;
} token;

typedef struct {
  lua_State *L;
  const settings *settings;
  const char *start, *at;
  int depth;
  growing text;
} parser;

static void set_error(parser *parser, token *token, const char *error) {
  token->kind = ERROR;
  token->place = (size_t)(parser->at - parser->start);
  token->error = error;
}

static int hex_digit(char byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  byte |= 0x20;
  return byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 : -1;
}

static int hex4(const char *bytes) {
  int code = 0;
  for (int index = 0; index < 4; index += 1) {
    int digit = hex_digit(bytes[index]);
    if (digit < 0) return -1;
    code = code << 4 | digit;
  }
  return code;
}

static void add_code(growing *to, int code) {
  if (code < 0x80) {
    growing_add_byte(to, (char)code);
  } else if (code < 0x800) {
    growing_add_byte(to, (char)(0xc0 | code >> 6));
    growing_add_byte(to, (char)(0x80 | (code & 0x3f)));
  } else if (code < 0x10000) {
    growing_add_byte(to, (char)(0xe0 | code >> 12));
    growing_add_byte(to, (char)(0x80 | (code >> 6 & 0x3f)));
    growing_add_byte(to, (char)(0x80 | (code & 0x3f)));
  } else {
    growing_add_byte(to, (char)(0xf0 | code >> 18));
    growing_add_byte(to, (char)(0x80 | (code >> 12 & 0x3f)));
    growing_add_byte(to, (char)(0x80 | (code >> 6 & 0x3f)));
    growing_add_byte(to, (char)(0x80 | (code & 0x3f)));
  }
}

/// `\uXXXX`, and a second one where the first is half of a character.
static int read_unicode(parser *parser) {
  int code = hex4(parser->at + 2);
  if (code < 0) return 0;
  int length = 6;
  if ((code & 0xf800) == 0xd800) {
    if (code & 0x400) return 0;
    if (parser->at[6] != '\\' || parser->at[7] != 'u') return 0;
    int low = hex4(parser->at + 8);
    if (low < 0 || (low & 0xfc00) != 0xdc00) return 0;
    code = ((code & 0x3ff) << 10 | (low & 0x3ff)) + 0x10000;
    length = 12;
  }
  add_code(&parser->text, code);
  parser->at += length;
  return 1;
}

/// The text stays in the parser until it is pushed.
static void read_string(parser *parser, token *token) {
  parser->at += 1;
  parser->text.count = 0;
  while (*parser->at != '"') {
    char byte = *parser->at;
    if (!byte) {
      set_error(parser, token, "unexpected end of string");
      return;
    }
    if (byte == '\\') {
      byte = parser->at[1];
      if (byte == 'u') {
        if (read_unicode(parser)) continue;
        set_error(parser, token, "invalid unicode escape code");
        return;
      }
      static const char *const letters = "btnfr\"\\/";
      static const char *const meanings = "\b\t\n\f\r\"\\/";
      const char *found = byte ? strchr(letters, byte) : NULL;
      if (!found) {
        set_error(parser, token, "invalid escape code");
        return;
      }
      byte = meanings[found - letters];
      parser->at += 1;
    }
    growing_add_byte(&parser->text, byte);
    parser->at += 1;
  }
  parser->at += 1;
  token->kind = STRING;
}

/// Of a form that C takes for a number, and JSON doesn't.
static int is_invalid_number(const char *text) {
  if (*text == '+') return 1;
  if (*text == '-') text += 1;
  if (*text == '0') return (text[1] | 0x20) == 'x' || (text[1] >= '0' && text[1] <= '9');
  if (*text >= '1' && *text <= '9') return 0;
  return strncasecmp(text, "inf", 3) == 0 || strncasecmp(text, "nan", 3) == 0;
}

static void read_number(parser *parser, token *token) {
  char *end;
  token->number = strtod(parser->at, &end);
  if (end == parser->at) {
    set_error(parser, token, "invalid number");
    return;
  }
  token->kind = NUMBER;
  parser->at = end;
}

static int read_word(parser *parser, const char *word) {
  size_t length = strlen(word);
  if (strncmp(parser->at, word, length) != 0) return 0;
  parser->at += length;
  return 1;
}

static void read_token(parser *parser, token *token) {
  while (*parser->at == ' ' || *parser->at == '\t' || *parser->at == '\n' || *parser->at == '\r') parser->at += 1;
  token->place = (size_t)(parser->at - parser->start);
  char byte = *parser->at;
  static const char signs[] = "{}[]:,";
  static const kind kinds[] = {OBJECT_BEGIN, OBJECT_END, ARRAY_BEGIN, ARRAY_END, COLON, COMMA};
  const char *sign = byte ? strchr(signs, byte) : NULL;
  if (!byte) {
    token->kind = END;
  } else if (sign) {
    token->kind = kinds[sign - signs];
    parser->at += 1;
  } else if (byte == '"') {
    read_string(parser, token);
  } else if (byte == '-' || (byte >= '0' && byte <= '9')) {
    if (!parser->settings->decodes_invalid && is_invalid_number(parser->at)) set_error(parser, token, "invalid number");
    else read_number(parser, token);
  } else if (read_word(parser, "true") || read_word(parser, "false")) {
    token->kind = BOOLEAN;
    token->is_true = byte == 't';
  } else if (read_word(parser, "null")) {
    token->kind = NULL_VALUE;
  } else if (parser->settings->decodes_invalid && is_invalid_number(parser->at)) {
    read_number(parser, token);
  } else {
    set_error(parser, token, "invalid token");
  }
}

static void expect(parser *parser, const char *wanted, const token *token) {
  luaL_error(
    parser->L, "Expected %s but found %s at character %d", wanted,
    token->kind == ERROR ? token->error : kind_names[token->kind], (int)token->place + 1);
}

static void push_value(parser *parser, token *token);

static void descend(parser *parser) {
  parser->depth += 1;
  if (parser->depth <= parser->settings->decode_depth && lua_checkstack(parser->L, 8)) return;
  luaL_error(
    parser->L, "Found too many nested data structures (%d) at character %d", parser->depth,
    (int)(parser->at - parser->start));
}

static void push_object(parser *parser) {
  token token;
  descend(parser);
  lua_newtable(parser->L);
  read_token(parser, &token);
  if (token.kind == OBJECT_END) {
    parser->depth -= 1;
    return;
  }
  for (;;) {
    if (token.kind != STRING) expect(parser, "object key string", &token);
    lua_pushlstring(parser->L, parser->text.bytes, parser->text.count);
    read_token(parser, &token);
    if (token.kind != COLON) expect(parser, "colon", &token);
    read_token(parser, &token);
    push_value(parser, &token);
    lua_rawset(parser->L, -3);
    read_token(parser, &token);
    if (token.kind == OBJECT_END) {
      parser->depth -= 1;
      return;
    }
    if (token.kind != COMMA) expect(parser, "comma or object end", &token);
    read_token(parser, &token);
  }
}

static void push_list(parser *parser) {
  token token;
  descend(parser);
  lua_newtable(parser->L);
  read_token(parser, &token);
  if (token.kind == ARRAY_END) {
    parser->depth -= 1;
    return;
  }
  for (int index = 1;; index += 1) {
    push_value(parser, &token);
    lua_rawseti(parser->L, -2, index);
    read_token(parser, &token);
    if (token.kind == ARRAY_END) {
      parser->depth -= 1;
      return;
    }
    if (token.kind != COMMA) expect(parser, "comma or array end", &token);
    read_token(parser, &token);
  }
}

static void push_value(parser *parser, token *token) {
  switch (token->kind) {
  case STRING: lua_pushlstring(parser->L, parser->text.bytes, parser->text.count); break;
  case NUMBER: lua_pushnumber(parser->L, token->number); break;
  case BOOLEAN: lua_pushboolean(parser->L, token->is_true); break;
  case OBJECT_BEGIN: push_object(parser); break;
  case ARRAY_BEGIN: push_list(parser); break;
  case NULL_VALUE: lua_pushlightuserdata(parser->L, NULL); break;
  default: expect(parser, "value", token);
  }
}

static int cjson_decode(lua_State *L) {
  luaL_argcheck(L, lua_gettop(L) == 1, 1, "expected 1 argument");
  size_t count;
  const char *bytes = luaL_checklstring(L, 1, &count);
  if (count >= 2 && (!bytes[0] || !bytes[1])) return luaL_error(L, "JSON parser does not support UTF-16 or UTF-32");
  parser parser = {.L = L, .settings = of(L), .start = bytes, .at = bytes};
  growing_begin(&parser.text, L);
  token token;
  read_token(&parser, &token);
  push_value(&parser, &token);
  read_token(&parser, &token);
  if (token.kind != END) expect(&parser, "the end", &token);
  return 1;
}

// Settings

static void begin_setting(lua_State *L, int count) {
  luaL_argcheck(L, lua_gettop(L) <= count, count + 1, "found too many arguments");
  lua_settop(L, count);
}

static void set_integer(lua_State *L, int index, int *setting, int least, int most) {
  if (!lua_isnil(L, index)) {
    int value = (int)luaL_checkinteger(L, index);
    luaL_argcheck(
      L, least <= value && value <= most, index,
      lua_pushfstring(L, "expected integer between %d and %d", least, most));
    *setting = value;
  }
  lua_pushinteger(L, *setting);
}

static void set_choice(lua_State *L, int index, int *setting, const char *const *names) {
  static const char *const switches[] = {"off", "on", NULL};
  if (!names) names = switches;
  if (lua_isboolean(L, index)) *setting = lua_toboolean(L, index);
  else if (!lua_isnil(L, index)) *setting = luaL_checkoption(L, index, NULL, names);
  if (*setting < 2) lua_pushboolean(L, *setting);
  else lua_pushstring(L, names[*setting]);
}

static int cjson_encode_sparse_array(lua_State *L) {
  begin_setting(L, 3);
  settings *settings = of(L);
  set_choice(L, 1, &settings->converts_sparse, NULL);
  set_integer(L, 2, &settings->sparse_ratio, 0, INT_MAX);
  set_integer(L, 3, &settings->sparse_safe, 0, INT_MAX);
  return 3;
}

static int cjson_encode_max_depth(lua_State *L) {
  begin_setting(L, 1);
  set_integer(L, 1, &of(L)->encode_depth, 1, INT_MAX);
  return 1;
}

static int cjson_decode_max_depth(lua_State *L) {
  begin_setting(L, 1);
  set_integer(L, 1, &of(L)->decode_depth, 1, INT_MAX);
  return 1;
}

static int cjson_encode_number_precision(lua_State *L) {
  begin_setting(L, 1);
  set_integer(L, 1, &of(L)->precision, 1, 14);
  return 1;
}

static int cjson_encode_keep_buffer(lua_State *L) {
  begin_setting(L, 1);
  set_choice(L, 1, &of(L)->keeps_buffer, NULL);
  return 1;
}

static int cjson_encode_invalid_numbers(lua_State *L) {
  static const char *const names[] = {"off", "on", "null", NULL};
  begin_setting(L, 1);
  set_choice(L, 1, &of(L)->encodes_invalid, names);
  return 1;
}

static int cjson_decode_invalid_numbers(lua_State *L) {
  begin_setting(L, 1);
  set_choice(L, 1, &of(L)->decodes_invalid, NULL);
  return 1;
}

static int cjson_new(lua_State *L);

static void push_module(lua_State *L) {
  static const luaL_Reg functions[] = {
    {"encode", cjson_encode}, {"decode", cjson_decode}, {"encode_sparse_array", cjson_encode_sparse_array},
    {"encode_max_depth", cjson_encode_max_depth}, {"decode_max_depth", cjson_decode_max_depth},
    {"encode_number_precision", cjson_encode_number_precision}, {"encode_keep_buffer", cjson_encode_keep_buffer},
    {"encode_invalid_numbers", cjson_encode_invalid_numbers},
    {"decode_invalid_numbers", cjson_decode_invalid_numbers}, {"new", cjson_new}, {NULL, NULL},
  };
  lua_newtable(L);
  settings *own = lua_newuserdata(L, sizeof *own);
  *own = defaults;
  for (const luaL_Reg *function = functions; function->name; function += 1) {
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, function->func, 1);
    lua_setfield(L, -3, function->name);
  }
  lua_pop(L, 1);
  lua_pushlightuserdata(L, NULL);
  lua_setfield(L, -2, "null");
  lua_pushliteral(L, "cjson");
  lua_setfield(L, -2, "_NAME");
  lua_pushliteral(L, "2.1.0");
  lua_setfield(L, -2, "_VERSION");
}

static int cjson_new(lua_State *L) {
  push_module(L);
  return 1;
}

int open_cjson(lua_State *L) {
  push_module(L);
  lua_pushvalue(L, -1);
  lua_setglobal(L, "cjson");
  return 1;
}
