/* Errors: one table (errors.def), one integer for each. 0 is success; functions that can fail
 * return int and say in their header which of these they give. */
#ifndef DIRCHAIN_BASE_ERRORS_H
#define DIRCHAIN_BASE_ERRORS_H

enum error {
    OK = 0,
#define X(name, code, english, chinese) name,
#include "base/errors.def"
#undef X
    ERROR_COUNT
};

const char *error_code(int error);    /* the stable code; "ok" for 0 */
const char *error_english(int error); /* one sentence */
const char *error_chinese(int error);
int error_from_code(const char *code); /* 0 if there is none */

#endif
