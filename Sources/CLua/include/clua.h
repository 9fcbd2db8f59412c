#ifndef CLUA_H
#define CLUA_H

#include <stddef.h>
#include <stdint.h>

// Lua 5.1 as Redis 7.0 gives it to scripts: one run at a time, from a pristine interpreter, which holds nothing afterwards.
//
// An error of Lua leaves the functions on its way by longjmp, so there is nothing of Swift among these: the host answers what it
// is asked and returns, and only then does an error begin.

/// Bytes that somebody else keeps; those of an answer have to stay until the next question.
typedef struct {
  const char *bytes;
  size_t count;
} clua_bytes;

/// What the host is asked and told.
typedef enum {
  /// redis.call: the arguments. The answer is a reply in RESP, or, where 1 is returned, why the command is refused.
  CLUA_CALL,
  /// redis.acl_check_cmd: 1 or 0; -1: there is no such command.
  CLUA_MAY_CALL,
  /// redis.log: the level, and what is to be written.
  CLUA_LOG,
  CLUA_SET_RESP,
  CLUA_SET_REPL,
  /// redis.sha1hex.
  CLUA_SHA1,
  /// So many instructions have been run, and the line in decimal digits: 0 to go on, 1 to be ended by SCRIPT KILL, 2 where a library takes too long, 3 to be
  /// abandoned.
  CLUA_RAN,
  /// redis.register_function: the flags, the name, the description (null: none). 1: the answer is what is wrong with it.
  CLUA_REGISTER,

  // What the script returns, outermost first; the elements of what has some follow it.
  CLUA_NIL,
  CLUA_BULK,
  CLUA_INTEGER,
  CLUA_BOOLEAN,
  CLUA_STATUS,
  /// An error that is a value; the number tells whether it has been counted already.
  CLUA_ERROR,
  CLUA_DOUBLE,
  CLUA_BIG_NUMBER,
  /// Its format, and the text.
  CLUA_VERBATIM,
  CLUA_MAP,
  CLUA_SET,
  CLUA_ARRAY,

  // How else it may end.
  /// The code is none: what the compiler says.
  CLUA_NOT_COMPILED,
  /// An error: the message, and, where they are known, the source and the line. The number tells whether it has been counted.
  CLUA_FAILED,
  /// An error that is no table: what was said of it.
  CLUA_FAILED_PLAINLY,
  /// The function that is to be called is not in its library.
  CLUA_NOT_FOUND,
} clua_question;

typedef int (*clua_host)(
  void *context, clua_question question, double number, const clua_bytes *bytes, size_t count, clua_bytes *answer);

typedef enum {
  /// Only sees whether the code can be compiled.
  CLUA_COMPILE,
  /// Runs it with KEYS and ARGV.
  CLUA_EVAL,
  /// Runs it as a library, whose functions are registered with the host.
  CLUA_LOAD,
  /// Runs it as a library, then one of its functions.
  CLUA_CALL_FUNCTION,
} clua_purpose;

typedef struct {
  clua_purpose purpose;
  clua_bytes code;
  clua_bytes function;
  const clua_bytes *keys;
  size_t key_count;
  const clua_bytes *arguments;
  size_t argument_count;
  /// The 48 bits that math.random goes on from, and where it has come to.
  uint64_t random;
  clua_host host;
  void *context;
} clua_run;

/// Runs it to its end, or up to where the host says.
void clua_execute(clua_run *run);

#endif
