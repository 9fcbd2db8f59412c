// One script, from its code to its result.

#include "internal.h"

#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// After so many instructions the host is asked whether to go on.
enum { STEP = 1000 };

typedef struct {
  lua_State *L;
  arena_image image;
} pristine;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pristine for_scripts, for_functions;

/// A script that was compiled, and the interpreter as it was then: it is run again from there on.
typedef struct {
  char *code;
  size_t count;
  pristine state;
} compiled_script;

enum { COMPILED = 8, COMPILED_SIZE = 1 << 20 };
static compiled_script compiled[COMPILED];
static int oldest;
clua_run *running;
static double instructions;
/// The host wants no more of it.
static int is_ended;
/// The code is a script.
static int is_compiled;

int ask(clua_question question, double number, const clua_bytes *bytes, size_t count, clua_bytes *answer) {
  return running->host(running->context, question, number, bytes, count, answer);
}

static void tell(clua_question question, double number, const char *text) {
  clua_bytes bytes = {text, strlen(text)};
  ask(question, number, &bytes, 1, NULL);
}

// Instructions

static void end_run(lua_State *L, int reason) {
  is_ended = 1;
  raise_error(L, reason == 2 ? "FUNCTION LOAD timeout" : "Script killed by user with SCRIPT KILL...");
}

static void hook(lua_State *L, lua_Debug *unused);

/// In which line of the script the thread is.
static clua_bytes current_line(lua_State *L, char *digits, size_t room) {
  lua_Debug place;
  for (int level = 0; lua_getstack(L, level, &place); level += 1) {
    if (!lua_getinfo(L, "l", &place) || place.currentline < 0) continue;
    return (clua_bytes){digits, (size_t)snprintf(digits, room, "%d", place.currentline)};
  }
  return (clua_bytes){digits, 0};
}

/// The host counts in steps, too: it is told when another one is over.
static void count(lua_State *L, double more) {
  double steps = floor(instructions / STEP);
  instructions += more + (double)arena_take_work();
  if (!is_ended && floor(instructions / STEP) == steps) return;
  char digits[16];
  clua_bytes line = current_line(L, digits, sizeof digits);
  int answer = is_ended ? 1 : ask(CLUA_RAN, instructions, &line, 1, NULL);
  if (answer == 0) return;
  // It comes again with the next instruction, so that catching the error is of no use.
  lua_sethook(L, hook, LUA_MASKLINE | LUA_MASKCOUNT, 1);
  end_run(L, answer);
}

static void hook(lua_State *L, lua_Debug *unused) {
  (void)unused;
  count(L, STEP);
}

void charge(lua_State *L, size_t more) { count(L, (double)more); }

// Errors

void push_error(lua_State *L, const char *text) {
  const char *code = "ERR";
  size_t code_length = 3;
  if (text[0] == '-') {
    text += 1;
    const char *space = strchr(text, ' ');
    if (space) {
      code = text;
      code_length = (size_t)(space - text);
      text = space + 1;
    }
  }
  while (*text == '\r' || *text == '\n') text += 1;
  size_t length = strlen(text);
  while (length > 0 && (text[length - 1] == '\r' || text[length - 1] == '\n')) length -= 1;
  luaL_checkstack(L, 5, "too many values");
  lua_newtable(L);
  lua_pushlstring(L, code, code_length);
  lua_pushliteral(L, " ");
  lua_pushlstring(L, text, length);
  lua_concat(L, 3);
  lua_setfield(L, -2, "err");
}

int raise_error(lua_State *L, const char *text) {
  push_error(L, text);
  return lua_error(L);
}

/// What is said where a script ends in an error.
static void tell_failure(lua_State *L) {
  if (!lua_istable(L, -1)) {
    const char *text = lua_isstring(L, -1) ? lua_tostring(L, -1) : "execution failure";
    tell(CLUA_FAILED_PLAINLY, 0, text);
    return;
  }
  error_information information;
  read_error(L, &information);
  if (!information.message) {
    tell(CLUA_FAILED_PLAINLY, 0, "the error is a table without an err");
    return;
  }
  clua_bytes bytes[3] = {{information.message, strlen(information.message)}, {NULL, 0}, {NULL, 0}};
  int is_known = information.source && information.line;
  if (is_known) {
    bytes[1] = (clua_bytes){information.source, strlen(information.source)};
    bytes[2] = (clua_bytes){information.line, strlen(information.line)};
  }
  ask(CLUA_FAILED, information.is_counted, bytes, is_known ? 3 : 1, NULL);
}

// Running

typedef struct {
  const clua_bytes *code;
  int part;
} text_reader;

/// A blank comes before what would be taken for compiled code, of which Redis takes none.
static const char *read_text(lua_State *L, void *context, size_t *count) {
  (void)L;
  text_reader *reader = context;
  reader->part += 1;
  if (reader->part == 1) {
    *count = 1;
    return " ";
  }
  *count = reader->part == 2 ? reader->code->count : 0;
  return reader->part == 2 ? reader->code->bytes : NULL;
}

int load_text(lua_State *L, const char *bytes, size_t count, const char *name) {
  clua_bytes code = {bytes, count};
  text_reader reader = {&code, count > 0 && bytes[0] == LUA_SIGNATURE[0] ? 0 : 1};
  return lua_load(L, read_text, &reader, name);
}

static void push_list(lua_State *L, const clua_bytes *elements, size_t count) {
  lua_newtable(L);
  for (size_t index = 0; index < count; index += 1) {
    lua_pushlstring(L, elements[index].bytes, elements[index].count);
    lua_rawseti(L, -2, (int)index + 1);
  }
}

/// Leaves the script where `eval` finds it.
static int compile(lua_State *L) {
  lua_settop(L, 0);
  if (load_text(L, running->code.bytes, running->code.count, "@user_script")) {
    tell(CLUA_NOT_COMPILED, 0, lua_tostring(L, -1));
  } else {
    lua_setfield(L, LUA_REGISTRYINDEX, "script");
    is_compiled = 1;
  }
  return 0;
}

static void eval(lua_State *L) {
  lua_pushcfunction(L, error_handler);
  lua_getfield(L, LUA_REGISTRYINDEX, "script");
  lua_pushvalue(L, LUA_GLOBALSINDEX);
  resolve(L, -1);
  push_list(L, running->keys, running->key_count);
  lua_setfield(L, -2, "KEYS");
  push_list(L, running->arguments, running->argument_count);
  lua_setfield(L, -2, "ARGV");
  lua_pop(L, 1);
  if (lua_pcall(L, 0, 1, -2)) tell_failure(L);
  else tell_result(L);
}

static int load_library(lua_State *L) {
  set_library_globals(L, 1);
  if (load_text(L, running->code.bytes, running->code.count, "@user_function")) {
    tell(CLUA_NOT_COMPILED, 0, lua_tostring(L, -1));
    return 0;
  }
  if (lua_pcall(L, 0, 0, 0)) {
    if (lua_isstring(L, -1)) {
      lua_pushliteral(L, "ERR ");
      lua_insert(L, -2);
      lua_concat(L, 2);
      tell(CLUA_FAILED, 0, lua_tostring(L, -1));
    } else {
      tell_failure(L);
    }
    return 0;
  }
  set_library_globals(L, 0);
  return 1;
}

static void call_function(lua_State *L) {
  if (!load_library(L)) return;
  instructions = 0;
  lua_pushcfunction(L, error_handler);
  lua_getfield(L, LUA_REGISTRYINDEX, "functions");
  lua_pushlstring(L, running->function.bytes, running->function.count);
  lua_rawget(L, -2);
  lua_remove(L, -2);
  if (!lua_isfunction(L, -1)) {
    ask(CLUA_NOT_FOUND, 0, NULL, 0, NULL);
    return;
  }
  push_list(L, running->keys, running->key_count);
  push_list(L, running->arguments, running->argument_count);
  if (lua_pcall(L, 2, 1, -4)) tell_failure(L);
  else tell_result(L);
}

static int perform(lua_State *L) {
  lua_settop(L, 0);
  switch (running->purpose) {
  case CLUA_COMPILE: break;
  case CLUA_EVAL: eval(L); break;
  case CLUA_LOAD: load_library(L); break;
  case CLUA_CALL_FUNCTION: call_function(L); break;
  }
  return 0;
}

// Beginning

static int build(lua_State *L) {
  int is_for_functions = lua_toboolean(L, lua_upvalueindex(1));
  open_sandbox(L);
  open_redis(L, is_for_functions);
  if (is_for_functions) protect_function_globals(L);
  else protect_globals(L);
  return 0;
}

static int build_for_scripts(lua_State *L) {
  lua_settop(L, 0);
  lua_pushboolean(L, 0);
  lua_pushcclosure(L, build, 1);
  lua_call(L, 0, 0);
  return 0;
}

static int build_for_functions(lua_State *L) {
  lua_settop(L, 0);
  lua_pushboolean(L, 1);
  lua_pushcclosure(L, build, 1);
  lua_call(L, 0, 0);
  return 0;
}

static int prepare(pristine *kind, lua_CFunction builder) {
  if (kind->image.bytes) {
    arena_restore(&kind->image);
    return 1;
  }
  if (!arena_begin()) return 0;
  kind->L = lua_newstate(arena_allocate, NULL);
  if (!kind->L || lua_cpcall(kind->L, builder, NULL)) return 0;
  lua_settop(kind->L, 0);
  lua_gc(kind->L, LUA_GCCOLLECT, 0);
  arena_take_work();
  return arena_keep(&kind->image);
}

static const compiled_script *find_compiled(void) {
  for (int index = 0; index < COMPILED; index += 1) {
    const compiled_script *script = &compiled[index];
    if (script->code && script->count == running->code.count
        && memcmp(script->code, running->code.bytes, script->count) == 0) {
      return script;
    }
  }
  return NULL;
}

/// Keeps the interpreter as it is, in the place of the script that has been kept for longest.
static void keep_compiled(lua_State *L) {
  if (arena_size() + running->code.count > COMPILED_SIZE) return;
  compiled_script *script = &compiled[oldest];
  free(script->code);
  free(script->state.image.bytes);
  *script = (compiled_script){malloc(running->code.count + 1), running->code.count, {L, {NULL, 0}}};
  if (script->code && arena_keep(&script->state.image)) {
    memcpy(script->code, running->code.bytes, script->count);
    oldest = (oldest + 1) % COMPILED;
  } else {
    free(script->code);
    script->code = NULL;
  }
}

static void tell_plainly(lua_State *L) {
  tell(CLUA_FAILED_PLAINLY, 0, lua_isstring(L, -1) ? lua_tostring(L, -1) : "execution failure");
}

/// An interpreter that holds the script that is to be run, or nothing; NULL where there is none, which the host is told.
static lua_State *begin_script(void) {
  const compiled_script *known = find_compiled();
  if (known) {
    arena_restore(&known->state.image);
    return known->state.L;
  }
  if (!prepare(&for_scripts, build_for_scripts)) {
    tell(CLUA_FAILED_PLAINLY, 0, "not enough memory");
    return NULL;
  }
  lua_State *L = for_scripts.L;
  is_compiled = 0;
  if (lua_cpcall(L, compile, NULL)) tell_plainly(L);
  if (!is_compiled) return NULL;
  keep_compiled(L);
  return L;
}

static lua_State *begin_function(void) {
  if (prepare(&for_functions, build_for_functions)) return for_functions.L;
  tell(CLUA_FAILED_PLAINLY, 0, "not enough memory");
  return NULL;
}

void clua_execute(clua_run *run) {
  pthread_mutex_lock(&mutex);
  running = run;
  instructions = 0;
  is_ended = 0;
  int is_script = run->purpose == CLUA_COMPILE || run->purpose == CLUA_EVAL;
  lua_State *L = is_script ? begin_script() : begin_function();
  if (L) {
    lua_sethook(L, hook, LUA_MASKCOUNT, STEP);
    if (lua_cpcall(L, perform, NULL)) tell_plainly(L);
  }
  if (arena_size() > 0) arena_end();
  running = NULL;
  pthread_mutex_unlock(&mutex);
}
