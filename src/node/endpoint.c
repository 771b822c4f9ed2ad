/* Splits "host:port". Hosts are letters, digits, dots, dashes (and colons in brackets); whether
 * they exist is the resolver's business. */
#include "node/endpoint.h"

#include "base/errors.h"

#include <string.h>

static int parse_port(uint16_t *out, const char *text)
{
    unsigned value = 0;
    if (*text == '\0' || strlen(text) > 5) {
        return ERR_FIELD_FORMAT;
    }
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9') {
            return ERR_FIELD_FORMAT;
        }
        value = value * 10 + (unsigned)(*text - '0');
    }
    if (value == 0 || value > UINT16_MAX) { /* nobody could be told which port 0 became */
        return ERR_FIELD_FORMAT;
    }
    *out = (uint16_t)value;
    return 0;
}

int endpoint_parse(struct endpoint *out, const char *text)
{
    static const char name_characters[] = "0123456789.-_abcdefghijklmnopqrstuvwxyz"
                                          "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char address6_characters[] = "0123456789abcdefABCDEF:.";
    *out = (struct endpoint){0};
    const char *colon = text != NULL ? strrchr(text, ':') : NULL;
    if (colon == NULL || colon == text) {
        return ERR_FIELD_FORMAT;
    }
    const char *host = text;
    size_t len = (size_t)(colon - text);
    const char *allowed = name_characters;
    if (*text == '[') {
        if (colon[-1] != ']' || len < 4) {
            return ERR_FIELD_FORMAT;
        }
        host++;
        len -= 2;
        allowed = address6_characters;
    }
    if (len > ENDPOINT_HOST_CHARS_MAX) {
        return ERR_FIELD_FORMAT;
    }
    memcpy(out->host, host, len);
    if (strspn(out->host, allowed) != len) {
        return ERR_FIELD_FORMAT;
    }
    return parse_port(&out->port, colon + 1);
}
