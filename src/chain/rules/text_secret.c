/* Credentials in a text that goes on the chain, where every member reads it for ever: an address
 * with a login ("postgres://user:secret@host"), or a named secret ("password=…", "口令：…"). What
 * is found is refused; what a person hides on purpose is not found by any rule. */
#include "chain/rules/records.h"

#include <string.h>

#define BLANKS " \t\n"

/* RFC 3986 3.2: the authority goes from "//" to the next "/", "?" or "#"; userinfo ends at "@".
 * Without a scheme: "user:secret@host", "user/secret@host", but not a path that has a "@". */
static bool is_login(const char *word, size_t len)
{
    const char *scheme = strstr(word, "://");
    if (scheme != NULL && scheme < word + len) {
        const char *authority = scheme + 3;
        return memchr(authority, '@', strcspn(authority, "/?#" BLANKS)) != NULL;
    }
    const char *at = memchr(word, '@', len);
    return at != NULL && word[0] != '/' && strcspn(word, ":/") < (size_t)(at - word);
}

static bool has_login(const char *text)
{
    while (*text != 0) {
        size_t len = strcspn(text, BLANKS);
        if (is_login(text, len)) {
            return true;
        }
        text += len + strspn(text + len, BLANKS);
    }
    return false;
}

static bool same_letters(const char *text, const char *word, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if ((c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c) != word[i]) {
            return false;
        }
    }
    return true;
}

/* "=" or ":", plain or full width, after blanks. */
static bool is_assigned(const char *text)
{
    static const char *const signs[] = {"=", ":", "＝", "："};
    while (*text != 0 && rule_blank_bytes(text) > 0) {
        text += rule_blank_bytes(text);
    }
    for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
        if (strncmp(text, signs[i], strlen(signs[i])) == 0) {
            return true;
        }
    }
    return false;
}

static bool has_named_secret(const char *text)
{
    static const char *const words[] = {"password", "passwd", "passphrase", "pwd",     "secret",
                                        "token",    "apikey", "api_key",    "api-key", "access_key",
                                        "密码",     "口令",   "密钥",       "令牌"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t len = strlen(words[i]);
        for (const char *at = text; strlen(at) > len; at++) {
            if (same_letters(at, words[i], len) && is_assigned(at + len)) {
                return true;
            }
        }
    }
    return false;
}

bool rule_text_has_credentials(const char *text)
{
    return text != NULL && (has_login(text) || has_named_secret(text));
}
