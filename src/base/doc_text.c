/* JSON at the level of text (RFC 8259, narrowed as doc.h says). One pass, linear, no recursion, no
 * locale. Readers there are (jansson's is the oracle of the tests), but they tell neither a real
 * from an integer that is too large nor one kind of bad text from another, and are slower.
 *
 * Long runs of plain bytes are stepped over eight at a time: for a word w of bytes,
 *     (w - n * ONES) & ~w & HIGHS   is not zero iff some byte is less than n (n ≤ 128). */
#include "base/doc_text.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"

#include <string.h>

#define ONES UINT64_C(0x0101010101010101)
#define HIGHS UINT64_C(0x8080808080808080)
#define UNESCAPED_NONE SIZE_MAX

struct doc_lexer doc_lexer_of(struct view input)
{
    return (struct doc_lexer){.at = input.data,
                              .end = input.len > 0 ? input.data + input.len : input.data};
}

void doc_lexer_free(struct doc_lexer *lexer)
{
    memory_free(lexer->unescaped);
    *lexer = (struct doc_lexer){0};
}

/* ---- text ---- */

static uint64_t zero_bytes(uint64_t word)
{
    return (word - ONES) & ~word & HIGHS;
}

static uint64_t low_bytes(uint64_t word) /* below U+0020 */
{
    return (word - 0x20 * ONES) & ~word & HIGHS;
}

static uint64_t quote_bytes(uint64_t word) /* '"' and '\\' */
{
    return zero_bytes(word ^ ('"' * ONES)) | zero_bytes(word ^ ('\\' * ONES));
}

/* Steps over U+0020–7E without '"' and '\\'. */
static const uint8_t *skip_plain(const uint8_t *at, const uint8_t *end)
{
    uint64_t word;
    for (; (size_t)(end - at) >= sizeof word; at += sizeof word) {
        memcpy(&word, at, sizeof word);
        if (((word & HIGHS) | low_bytes(word) | quote_bytes(word) |
             zero_bytes(word ^ (0x7f * ONES))) != 0)
            break;
    }
    while (at < end && *at >= 0x20 && *at < 0x7f && *at != '"' && *at != '\\')
        at++;
    return at;
}

static bool is_continuation(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

/* Steps over one character beyond ASCII: well-formed UTF-8 as in table 3-7 of the Unicode
 * standard (no overlong form, no surrogate, nothing beyond U+10FFFF), and no C1 control. */
static int skip_multibyte(const uint8_t **at, const uint8_t *end)
{
    const uint8_t *p = *at;
    size_t len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
    if (p[0] < 0xc2 || p[0] > 0xf4 || (size_t)(end - p) < len)
        return ERR_JSON_SYNTAX;
    uint8_t low = p[0] == 0xe0 ? 0xa0 : p[0] == 0xf0 ? 0x90 : 0x80;
    uint8_t high = p[0] == 0xed ? 0x9f : p[0] == 0xf4 ? 0x8f : 0xbf;
    if (p[1] < low || p[1] > high)
        return ERR_JSON_SYNTAX;
    for (size_t i = 2; i < len; i++) {
        if (!is_continuation(p[i]))
            return ERR_JSON_SYNTAX;
    }
    if (p[0] == 0xc2 && p[1] < 0xa0)
        return ERR_JSON_TEXT;
    *at = p + len;
    return OK;
}

static bool is_allowed_control(uint32_t character)
{
    return character == '\n' || character == '\t';
}

static bool is_control(uint32_t character)
{
    return character < 0x20 || (character >= 0x7f && character < 0xa0);
}

int doc_text_check(struct view text, bool *ascii)
{
    const uint8_t *at = text.data;
    const uint8_t *end = text.len > 0 ? at + text.len : at;
    *ascii = true;
    while (at < end) {
        at = skip_plain(at, end);
        while (at < end && *at >= 0x80) {
            *ascii = false;
            int error = skip_multibyte(&at, end);
            if (error)
                return error;
        }
        if (at < end && *at < 0x80) { /* next plain byte, or one that skip_plain stops at */
            if (is_control(*at) && !is_allowed_control(*at))
                return ERR_JSON_TEXT;
            at++;
        }
    }
    return OK;
}

/* ---- escapes ---- */

/* Room for all that is still to be unescaped: an escape is never shorter than what it stands for,
 * so one block is enough and texts within it never move. */
static void unescaped_append(struct doc_lexer *lexer, const uint8_t *from, const uint8_t *to)
{
    size_t len = (size_t)(to - from);
    memcpy(lexer->unescaped + lexer->unescaped_len, from, len);
    lexer->unescaped_len += len;
}

static void unescaped_append_character(struct doc_lexer *lexer, uint32_t c)
{
    uint8_t *out = lexer->unescaped + lexer->unescaped_len;
    size_t len = 0;
    if (c < 0x80) {
        out[len++] = (uint8_t)c;
    } else if (c < 0x800) {
        out[len++] = (uint8_t)(0xc0 | c >> 6);
    } else if (c < 0x10000) {
        out[len++] = (uint8_t)(0xe0 | c >> 12);
        out[len++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    } else {
        out[len++] = (uint8_t)(0xf0 | c >> 18);
        out[len++] = (uint8_t)(0x80 | (c >> 12 & 0x3f));
        out[len++] = (uint8_t)(0x80 | (c >> 6 & 0x3f));
    }
    if (c >= 0x80)
        out[len++] = (uint8_t)(0x80 | (c & 0x3f));
    lexer->unescaped_len += len;
}

/* The four hexadecimal digits of \uXXXX, or UINT32_MAX. */
static uint32_t lex_hex4(struct doc_lexer *lexer)
{
    if (lexer->end - lexer->at < 4)
        return UINT32_MAX;
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        uint8_t c = *lexer->at++;
        uint32_t digit = (uint32_t)c - '0';
        if (digit > 9) {
            digit = ((uint32_t)c | 0x20) - 'a';
            if (digit > 5)
                return UINT32_MAX;
            digit += 10;
        }
        value = value << 4 | digit;
    }
    return value;
}

/* After "\u": one character, from a surrogate pair if need be; UINT32_MAX if malformed. */
static uint32_t lex_unicode_escape(struct doc_lexer *lexer)
{
    uint32_t c = lex_hex4(lexer);
    if (c == UINT32_MAX || c < 0xd800 || c > 0xdfff)
        return c;
    if (c >= 0xdc00 || lexer->end - lexer->at < 2 || lexer->at[0] != '\\' || lexer->at[1] != 'u')
        return UINT32_MAX;
    lexer->at += 2;
    uint32_t low = lex_hex4(lexer);
    if (low < 0xdc00 || low > 0xdfff)
        return UINT32_MAX;
    return 0x10000 + ((c & 0x3ff) << 10) + (low & 0x3ff);
}

/* `at` is on the backslash. */
static int lex_escape(struct doc_lexer *lexer)
{
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    lexer->at++;
    if (lexer->at == lexer->end)
        return ERR_JSON_SYNTAX;
    uint8_t letter = *lexer->at++;
    uint32_t c = UINT32_MAX;
    if (letter == 'u') {
        c = lex_unicode_escape(lexer);
    } else {
        const char *found = memchr(letters, letter, sizeof letters - 1);
        if (found)
            c = (uint8_t)meanings[found - letters];
    }
    if (c == UINT32_MAX)
        return ERR_JSON_SYNTAX;
    if (is_control(c) && !is_allowed_control(c))
        return ERR_JSON_TEXT;
    if (c >= 0x80)
        lexer->ascii = false;
    unescaped_append_character(lexer, c);
    return OK;
}

/* `at` is behind the opening quote. A text without escapes stays a view of the input. */
static int lex_text(struct doc_lexer *lexer)
{
    const uint8_t *run = lexer->at; /* start of what is not copied yet */
    size_t copy_start = UNESCAPED_NONE;
    lexer->ascii = true;
    for (;;) {
        lexer->at = skip_plain(lexer->at, lexer->end);
        if (lexer->at == lexer->end)
            return ERR_JSON_SYNTAX;
        uint8_t c = *lexer->at;
        int error = OK;
        if (c == '"') {
            break;
        } else if (c == '\\') {
            if (!lexer->unescaped)
                lexer->unescaped = memory_resize(NULL, (size_t)(lexer->end - run));
            if (copy_start == UNESCAPED_NONE)
                copy_start = lexer->unescaped_len;
            unescaped_append(lexer, run, lexer->at);
            error = lex_escape(lexer);
            run = lexer->at;
        } else if (c >= 0x80) {
            lexer->ascii = false;
            while (!error && lexer->at < lexer->end && *lexer->at >= 0x80)
                error = skip_multibyte(&lexer->at, lexer->end);
        } else {
            error = c == 0x7f ? ERR_JSON_TEXT : ERR_JSON_SYNTAX;
        }
        if (error)
            return error;
    }
    lexer->text = view_of(run, (size_t)(lexer->at - run));
    if (copy_start != UNESCAPED_NONE) {
        unescaped_append(lexer, run, lexer->at);
        lexer->text = view_of(lexer->unescaped + copy_start, lexer->unescaped_len - copy_start);
    }
    lexer->at++;
    return OK;
}

/* ---- numbers and words ---- */

static size_t skip_digits(struct doc_lexer *lexer)
{
    const uint8_t *start = lexer->at;
    while (lexer->at < lexer->end && *lexer->at >= '0' && *lexer->at <= '9')
        lexer->at++;
    return (size_t)(lexer->at - start);
}

/* What may follow the digits of an integer in JSON but not here. */
static int lex_fraction(struct doc_lexer *lexer)
{
    bool real = false;
    if (lexer->at < lexer->end && *lexer->at == '.') {
        lexer->at++;
        real = true;
        if (skip_digits(lexer) == 0)
            return ERR_JSON_SYNTAX;
    }
    if (lexer->at < lexer->end && (*lexer->at | 0x20) == 'e') {
        lexer->at++;
        real = true;
        if (lexer->at < lexer->end && (*lexer->at == '+' || *lexer->at == '-'))
            lexer->at++;
        if (skip_digits(lexer) == 0)
            return ERR_JSON_SYNTAX;
    }
    return real ? ERR_JSON_REAL : OK;
}

static int lex_number(struct doc_lexer *lexer)
{
    bool negative = *lexer->at == '-';
    if (negative)
        lexer->at++;
    const uint8_t *digits = lexer->at;
    size_t count = skip_digits(lexer);
    if (count == 0 || (count > 1 && digits[0] == '0'))
        return ERR_JSON_SYNTAX;
    int error = lex_fraction(lexer);
    if (error)
        return error;
    if (count > 16) /* 2^53 has 16 digits */
        return ERR_JSON_RANGE;
    int64_t value = 0;
    for (size_t i = 0; i < count; i++)
        value = value * 10 + (digits[i] - '0');
    if (value > DOC_INT_MAX)
        return ERR_JSON_RANGE;
    lexer->number = negative ? -value : value;
    return OK;
}

static int lex_word(struct doc_lexer *lexer, const char *word)
{
    size_t len = strlen(word);
    if ((size_t)(lexer->end - lexer->at) < len || memcmp(lexer->at, word, len) != 0)
        return ERR_JSON_SYNTAX;
    lexer->at += len;
    return OK;
}

static int lex_mark(struct doc_lexer *lexer, enum doc_token *out, enum doc_token token)
{
    lexer->at++;
    *out = token;
    return OK;
}

int doc_lexer_next(struct doc_lexer *lexer, enum doc_token *out)
{
    while (lexer->at < lexer->end &&
           (*lexer->at == ' ' || *lexer->at == '\n' || *lexer->at == '\t' || *lexer->at == '\r'))
        lexer->at++;
    *out = DOC_TOKEN_END;
    if (lexer->at == lexer->end)
        return OK;
    switch (*lexer->at) {
    case '{':
        return lex_mark(lexer, out, DOC_TOKEN_OBJECT);
    case '}':
        return lex_mark(lexer, out, DOC_TOKEN_OBJECT_END);
    case '[':
        return lex_mark(lexer, out, DOC_TOKEN_ARRAY);
    case ']':
        return lex_mark(lexer, out, DOC_TOKEN_ARRAY_END);
    case ':':
        return lex_mark(lexer, out, DOC_TOKEN_COLON);
    case ',':
        return lex_mark(lexer, out, DOC_TOKEN_COMMA);
    case '"':
        lex_mark(lexer, out, DOC_TOKEN_TEXT);
        return lex_text(lexer);
    case 't':
        *out = DOC_TOKEN_TRUE;
        return lex_word(lexer, "true");
    case 'f':
        *out = DOC_TOKEN_FALSE;
        return lex_word(lexer, "false");
    case 'n':
        *out = DOC_TOKEN_NULL;
        return lex_word(lexer, "null");
    default:
        *out = DOC_TOKEN_INT;
        return lex_number(lexer); /* refuses what starts no number */
    }
}

/* ---- writing ---- */

/* Bytes that stand for themselves in a quoted string. Control characters cannot occur but for \n
 * and \t; the others are none of the writer's business and pass. */
static bool is_plain(uint8_t byte)
{
    return byte >= 0x20 && byte != '"' && byte != '\\';
}

uint8_t *doc_text_quote(uint8_t *to, struct view text)
{
    const uint8_t *at = text.data;
    const uint8_t *end = text.len > 0 ? at + text.len : at;
    uint64_t word;
    *to++ = '"';
    while (at < end) {
        for (; (size_t)(end - at) >= sizeof word; at += sizeof word, to += sizeof word) {
            memcpy(&word, at, sizeof word);
            if ((low_bytes(word) | quote_bytes(word)) != 0)
                break;
            memcpy(to, &word, sizeof word);
        }
        while (at < end && is_plain(*at))
            *to++ = *at++;
        for (; at < end && !is_plain(*at); at++) {
            ENSURE(*at >= 0x20 || is_allowed_control(*at));
            *to++ = '\\';
            *to++ = *at == '\n' ? 'n' : *at == '\t' ? 't' : *at;
        }
    }
    *to++ = '"';
    return to;
}

void doc_text_append_quoted(struct buf *out, struct view text)
{
    buf_reserve(out, DOC_QUOTED_BYTES(text.len));
    out->len = (size_t)(doc_text_quote(out->data + out->len, text) - out->data);
}

uint8_t *doc_text_decimal(uint8_t *to, int64_t value)
{
    ENSURE(value >= -DOC_INT_MAX && value <= DOC_INT_MAX);
    uint8_t digits[DOC_DECIMAL_BYTES];
    size_t start = sizeof digits;
    uint64_t rest = (uint64_t)(value < 0 ? -value : value);
    do {
        digits[--start] = (uint8_t)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        digits[--start] = '-';
    memcpy(to, digits + start, sizeof digits - start);
    return to + (sizeof digits - start);
}
