/* The guard: one pass for the end of a head (every line in CR LF), one over a complete head.
 *
 *   between messages ── head complete and sound ──► body of Content-Length bytes ──► between …
 *
 * Invariant: whatever passes is a sequence of messages whose framing has one reading. */
#include "api/http_guard.h"

#include "base/errors.h"
#include "base/limits.h"

#include <string.h>
#include <strings.h>

#define REFUSAL_MARK '!'

/* RFC 9110 5.6.2 */
static bool is_token_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != 0 && strchr("!#$%&'*+-.^_`|~", c));
}

static bool view_is(struct view text, const char *word)
{
    return text.len == strlen(word) && strncasecmp((const char *)text.data, word, text.len) == 0;
}

/* ---- the request line ---- */

static int check_version(struct view version)
{
    if (version.len == 8 && memcmp(version.data, "HTTP/1.1", 8) == 0)
        return 0;
    bool other = version.len == 8 && memcmp(version.data, "HTTP/", 5) == 0 &&
                 version.data[5] >= '0' && version.data[5] <= '9' && version.data[6] == '.' &&
                 version.data[7] >= '0' && version.data[7] <= '9';
    return other ? ERR_HTTP_VERSION : ERR_HTTP_REQUEST_LINE;
}

/* method SP origin-form SP HTTP/1.1: the absolute form is for proxies, which we are not. */
static int check_request_line(struct view line)
{
    const uint8_t *end = line.data + line.len;
    const uint8_t *at = line.data;
    while (at < end && *at >= 'A' && *at <= 'Z')
        at++;
    size_t method = (size_t)(at - line.data);
    if (method == 0 || at == end || *at != ' ')
        return ERR_HTTP_REQUEST_LINE;
    if (method > HTTP_METHOD_CHARS_MAX)
        return ERR_HTTP_METHOD_UNKNOWN;
    const uint8_t *target = ++at;
    while (at<end && * at> ' ' && *at < 0x7f && *at != '#')
        at++;
    if (at == target || *target != '/' || at == end || *at != ' ')
        return ERR_HTTP_REQUEST_LINE;
    if (at - target > HTTP_TARGET_BYTES_MAX)
        return ERR_HTTP_TARGET_SIZE;
    at++;
    return check_version(view_of(at, (size_t)(end - at)));
}

/* ---- headers ---- */

struct head {
    unsigned headers;
    bool host, length, coded;
    uint64_t body_bytes;
};

static int check_length(struct head *head, struct view value)
{
    if (head->length || value.len == 0)
        return ERR_HTTP_LENGTH;
    head->length = true;
    for (size_t i = 0; i < value.len; i++) {
        if (value.data[i] < '0' || value.data[i] > '9')
            return ERR_HTTP_LENGTH;
        if (head->body_bytes <= HTTP_BODY_BYTES_MAX) /* beyond that the number does not matter */
            head->body_bytes = head->body_bytes * 10 + (uint64_t)(value.data[i] - '0');
    }
    return 0;
}

/* uri-host [ ":" port ], without what no host of ours can have. */
static int check_host(struct head *head, struct view value)
{
    if (head->host || value.len == 0)
        return ERR_HTTP_HOST;
    head->host = true;
    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.data[i];
        bool good = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                    (c != 0 && strchr(".-_:[]", c));
        if (!good)
            return ERR_HTTP_HOST;
    }
    return 0;
}

static int check_header(struct head *head, struct view line)
{
    if (++head->headers > HTTP_HEADERS_MAX)
        return ERR_HTTP_HEAD_SIZE;
    size_t name = 0; /* a folded line begins with a blank, and so has no name */
    while (name < line.len && is_token_char(line.data[name]))
        name++;
    if (name == 0 || name == line.len || line.data[name] != ':')
        return ERR_HTTP_HEADER;
    size_t from = name + 1, to = line.len;
    while (from < to && (line.data[from] == ' ' || line.data[from] == '\t'))
        from++;
    while (to > from && (line.data[to - 1] == ' ' || line.data[to - 1] == '\t'))
        to--;
    for (size_t i = from; i < to; i++)
        if ((line.data[i] < ' ' && line.data[i] != '\t') || line.data[i] == 0x7f)
            return ERR_HTTP_HEADER;
    struct view key = view_of(line.data, name), value = view_of(line.data + from, to - from);
    if (view_is(key, "Host"))
        return check_host(head, value);
    if (view_is(key, "Content-Length"))
        return check_length(head, value);
    if (view_is(key, "Transfer-Encoding"))
        head->coded = true;
    else if (view_is(key, "Expect") && !view_is(value, "100-continue"))
        return ERR_HTTP_EXPECT;
    return 0;
}

/* ---- a whole head: lines in CR LF, the last one empty ---- */

static int check_head(uint64_t *body_bytes, struct view bytes)
{
    struct head head = {0};
    int error = 0;
    size_t at = 0;
    for (unsigned lines = 0; at + 2 < bytes.len; lines++) {
        const uint8_t *end = memchr(bytes.data + at, '\r', bytes.len - at);
        size_t len = (size_t)(end - (bytes.data + at)); /* there is one: the last two bytes */
        if (end[1] != '\n')
            return ERR_HTTP_LINE;
        struct view line = view_of(bytes.data + at, len);
        error = lines == 0 ? check_request_line(line) : check_header(&head, line);
        if (error)
            return error;
        at += len + 2;
    }
    if (!head.host)
        return ERR_HTTP_HOST;
    if (head.coded)
        return head.length ? ERR_HTTP_LENGTH : ERR_HTTP_LENGTH_REQUIRED;
    if (head.body_bytes > HTTP_BODY_BYTES_MAX)
        return ERR_TOO_LARGE;
    *body_bytes = head.body_bytes;
    return 0;
}

/* Length of the head that the bytes begin with; 0 as long as its end is not there. A line that
 * does not end in CR LF is refused as soon as it is seen: its sender may never send an end. */
static size_t find_end(struct http_guard *guard, int *error, struct view bytes)
{
    while (guard->scanned < bytes.len) {
        size_t rest = bytes.len - guard->scanned;
        const uint8_t *found = memchr(bytes.data + guard->scanned, '\n', rest);
        if (!found) {
            guard->scanned = bytes.len;
            break;
        }
        size_t at = (size_t)(found - bytes.data);
        guard->scanned = at + 1;
        if (at == 0 || bytes.data[at - 1] != '\r') {
            *error = ERR_HTTP_LINE;
            return 0;
        }
        if (at == 1) { /* an empty line before the request line: no client of ours sends it */
            *error = ERR_HTTP_REQUEST_LINE;
            return 0;
        }
        if (at >= 3 && bytes.data[at - 2] == '\n')
            return at + 1;
    }
    if (bytes.len > HTTP_HEAD_BYTES_MAX)
        *error = memchr(bytes.data, '\n', bytes.len) ? ERR_HTTP_HEAD_SIZE : ERR_HTTP_TARGET_SIZE;
    return 0;
}

size_t http_guard_pass(struct http_guard *guard, int *error, struct view bytes)
{
    size_t passed = 0;
    *error = 0;
    while (passed < bytes.len) {
        struct view rest = view_of(bytes.data + passed, bytes.len - passed);
        if (guard->body_left > 0) {
            size_t take = guard->body_left < rest.len ? (size_t)guard->body_left : rest.len;
            guard->body_left -= take;
            passed += take;
            continue;
        }
        size_t head = find_end(guard, error, rest);
        if (head > HTTP_HEAD_BYTES_MAX)
            *error = ERR_HTTP_HEAD_SIZE;
        else if (head > 0)
            *error = check_head(&guard->body_left, view_of(rest.data, head));
        if (head == 0 || *error)
            break;
        guard->scanned = 0;
        guard->heads++;
        passed += head;
    }
    return passed;
}

void http_guard_refusal(struct buf *out, int error)
{
    buf_append_format(out, "GET %c%s HTTP/1.1\r\nHost: refused\r\n\r\n", REFUSAL_MARK,
                      error_code(error));
}

int http_guard_refused(const char *target)
{
    return target[0] == REFUSAL_MARK ? error_from_code(target + 1) : 0;
}
