#pragma once
#if !__has_include(<readline/readline.h>)
#error "GNU Readline's headers were not found: install libreadline-dev (Debian: apt-get install libreadline-dev)"
#else
#include <stdio.h> /* readline.h uses FILE without including it */
#include <readline/readline.h>
#include <readline/history.h>
#endif
