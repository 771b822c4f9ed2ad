/* The error table (errors.def) as lookups. An integer outside the table is our own bug. */
#include "base/errors.h"

#include "base/ensure.h"

#include <stddef.h>
#include <string.h>

struct error_text {
    const char *code;
    const char *english;
    const char *chinese;
};

static const struct error_text texts[ERROR_COUNT] = {
    [OK] = {"ok", "Done.", "成功。"},
#define X(name, code, english, chinese) [name] = {code, english, chinese},
#include "base/errors.def"
#undef X
};

static const struct error_text *error_text(int error)
{
    ENSURE(error >= 0 && error < ERROR_COUNT);
    return &texts[error];
}

const char *error_code(int error)
{
    return error_text(error)->code;
}

const char *error_english(int error)
{
    return error_text(error)->english;
}

const char *error_chinese(int error)
{
    return error_text(error)->chinese;
}

int error_from_code(const char *code)
{
    for (int error = 1; code && error < ERROR_COUNT; error++) {
        if (strcmp(texts[error].code, code) == 0)
            return error;
    }
    return OK;
}
