/* Records by key. */
#include "exchange/records.h"

#include "base/errors.h"

#include <stdarg.h>
#include <stdio.h>

int record_read(struct doc **out, const struct store_view *view, const char *format, ...)
{
    char key[STATE_KEY_BYTES_MAX + 1];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(key, sizeof key, format, arguments);
    va_end(arguments);
    *out = NULL;
    return len < 0 || (size_t)len >= sizeof key ? ERR_NOT_FOUND : store_read_state(out, view, key);
}
