/* The end of the line for our own bugs: say where, then stop with a core. */
#include "base/ensure.h"

#include <stdio.h>
#include <stdlib.h>

void ensure_failed(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: ENSURE failed: %s\n", file, line, condition);
    abort();
}
