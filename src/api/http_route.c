/* From the bytes of a target to a route: cut at '?' and '/', percent-decode, refuse what could be
 * read in two ways (empty and dot segments, encoded slashes, control characters), match the table,
 * check the query against its fields. */
#include "api/http_internal.h"

#include "base/errors.h"
#include "base/memory.h"

#include <string.h>

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Decodes one component of a target; what comes out is text without control characters. */
static int decode(struct buf *out, const char *from, size_t len, bool plus_is_blank)
{
    size_t start = out->len;
    for (size_t i = 0; i < len; i++) {
        int c = (unsigned char)from[i];
        if (c == '%') {
            int high = len - i > 2 ? hex_digit(from[i + 1]) : -1;
            int low = high >= 0 ? hex_digit(from[i + 2]) : -1;
            if (low < 0)
                return ERR_HTTP_PATH;
            c = high * 16 + low;
            i += 2;
        } else if (c == '+' && plus_is_blank) {
            c = ' ';
        }
        if (c < ' ')
            return ERR_HTTP_PATH;
        buf_append_u8(out, (uint8_t)c);
    }
    struct view text = view_of(out->data + start, out->len - start);
    return doc_text_valid(text) ? 0 : ERR_HTTP_PATH;
}

/* ---- the path ---- */

static bool segment_sound(struct view segment)
{
    if (segment.len == 0 || memchr(segment.data, '/', segment.len) ||
        memchr(segment.data, '\\', segment.len))
        return false;
    return !(segment.data[0] == '.' &&
             (segment.len == 1 || (segment.len == 2 && segment.data[1] == '.')));
}

int http_request_cut(struct http_request *request)
{
    size_t len = strcspn(request->target, "?");
    if (len > HTTP_PATH_BYTES_MAX)
        return ERR_HTTP_TARGET_SIZE;
    AUTO(buf_free) struct buf path = {0};
    size_t offset[HTTP_SEGMENTS_MAX];
    for (size_t at = 0; at < len && len > 1;) {
        size_t end = ++at; /* behind the slash */
        while (end < len && request->target[end] != '/')
            end++;
        if (request->segment_count == HTTP_SEGMENTS_MAX)
            return ERR_HTTP_PATH;
        buf_append_u8(&path, '/');
        size_t start = offset[request->segment_count++] = path.len;
        if (decode(&path, request->target + at, end - at, false) != 0 ||
            !segment_sound(view_of(path.data + start, path.len - start)))
            return ERR_HTTP_PATH;
        at = end;
    }
    if (path.len == 0)
        buf_append_u8(&path, '/');
    request->path = memory_copy_text(buf_text(&path));
    request->split = memory_copy_text(request->path);
    for (size_t i = 0; i < request->segment_count; i++) {
        request->split[offset[i] - 1] = 0;
        request->segment[i] = request->split + offset[i];
    }
    return 0;
}

/* ---- the table ---- */

/* Walks a pattern along the segments; with a name it gives the segment that {name} stands for. */
static bool match(const struct http_request *request, const char *pattern, const char *name,
                  const char **part)
{
    size_t index = 0;
    if (strcmp(pattern, "/") == 0)
        return request->segment_count == 0;
    for (const char *at = pattern; *at; index++) {
        size_t len = strcspn(++at, "/");
        if (index == request->segment_count)
            return false;
        bool variable = at[0] == '{', rest = variable && at[len - 2] == '+';
        if (variable && name) {
            size_t name_len = len - (rest ? 3 : 2);
            if (strlen(name) == name_len && memcmp(at + 1, name, name_len) == 0) {
                size_t offset = (size_t)(request->segment[index] - request->split);
                *part = rest ? request->path + offset : request->segment[index];
            }
        }
        if (rest)
            return true;
        if (!variable && (strlen(request->segment[index]) != len ||
                          memcmp(request->segment[index], at, len) != 0))
            return false;
        at += len;
    }
    return index == request->segment_count;
}

const char *http_path_part(const struct http_request *request, const char *name)
{
    const char *part = NULL;
    match(request, request->route->path, name, &part);
    return part;
}

static bool method_known(const char *method)
{
    static const char *const known[] = {"GET", "HEAD", "POST", "PUT", "DELETE"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strcmp(method, known[i]) == 0)
            return true;
    return false;
}

int http_request_route(struct http_request *request, const struct http_routes *routes,
                       size_t routes_count)
{
    if (!method_known(request->method))
        return ERR_HTTP_METHOD_UNKNOWN;
    const char *method = strcmp(request->method, "HEAD") == 0 ? "GET" : request->method;
    AUTO(buf_free) struct buf allow = {0};
    for (size_t i = 0; i < routes_count; i++)
        for (const struct http_route *route = routes[i].table; route->method; route++) {
            if (!match(request, route->path, NULL, NULL))
                continue;
            if (strcmp(route->method, method) == 0) {
                request->route = route;
                request->route_context = routes[i].context;
                return 0;
            }
            if (route->path[1] == '{') /* pages: any path, which says nothing about this one */
                continue;
            buf_append_format(&allow, "%s%s%s", allow.len ? ", " : "", route->method,
                              strcmp(route->method, "GET") == 0 ? ", HEAD" : "");
        }
    if (allow.len == 0)
        return ERR_NOT_FOUND;
    http_answer_header(request, "Allow", buf_text(&allow));
    return ERR_HTTP_METHOD;
}

/* ---- the query ---- */

static const struct field *field_of(const struct field *fields, const char *name)
{
    for (; fields && fields->name; fields++)
        if (strcmp(fields->name, name) == 0)
            return fields;
    return NULL;
}

/* A parameter is text; where the table wants a number or a truth, it becomes one if it can. What
 * cannot stays text, and the table says so. */
static struct doc *value_of(const struct field *field, const char *text)
{
    if (field && (field->kind == FIELD_INT || field->kind == FIELD_TIME)) {
        const char *digits = text[0] == '-' ? text + 1 : text;
        size_t len = strlen(digits);
        if (len > 0 && len <= 15 && strspn(digits, "0123456789") == len) {
            int64_t value = 0;
            for (size_t i = 0; i < len; i++)
                value = value * 10 + (digits[i] - '0');
            return doc_new_int(digits == text ? value : -value);
        }
    }
    if (field && field->kind == FIELD_BOOL) {
        if (strcmp(text, "1") == 0 || strcmp(text, "true") == 0)
            return doc_new_bool(true);
        if (strcmp(text, "0") == 0 || strcmp(text, "false") == 0)
            return doc_new_bool(false);
    }
    return doc_new_text(text);
}

static int read_parameter(struct http_request *request, struct faults *faults, const char *from,
                          size_t len)
{
    const char *equals = memchr(from, '=', len);
    size_t name_len = equals ? (size_t)(equals - from) : len;
    AUTO(buf_free) struct buf name = {0};
    AUTO(buf_free) struct buf text = {0};
    if (name_len == 0 || decode(&name, from, name_len, true) != 0 ||
        (equals && decode(&text, equals + 1, len - name_len - 1, true) != 0))
        return faults_add(faults, ERR_HTTP_PATH, NULL, "%s", "");
    const char *key = buf_text(&name);
    for (size_t i = 0; i < name.len; i++)
        if (name.data[i] >= 0x7f)
            return faults_add(faults, ERR_FIELD_UNKNOWN, NULL, "%s", key);
    if (doc_get(request->query, key))
        return faults_add(faults, ERR_JSON_DUPLICATE, NULL, "%s", key);
    doc_set(request->query, key, value_of(field_of(request->route->query, key), buf_text(&text)));
    return 0;
}

int http_request_read_query(struct http_request *request, struct faults *faults)
{
    static const struct field none[] = {{.name = NULL}};
    const char *at = strchr(request->target, '?');
    request->query = doc_new_object();
    for (unsigned count = 0; at && at[0] && at[1];) {
        size_t len = strcspn(++at, "&");
        if (++count > HTTP_QUERY_PARAMETERS_MAX)
            return faults_add(faults, ERR_FIELD_COUNT, NULL, "%s", "");
        int error = len > 0 ? read_parameter(request, faults, at, len) : ERR_HTTP_PATH;
        if (error)
            return error;
        at += len;
    }
    const struct field *fields = request->route->query;
    return schema_check_fields(fields ? fields : none, request->query, "", faults);
}
