/* Static pages beneath web_directory: GET only, regular files only, known types only. The kernel
 * resolves the path beneath the root (exchange/paths.h); revalidated by their mark, never stale. */
#include "api/api_internal.h"
#include "base/errors.h"
#include "exchange/paths.h"

#include <inttypes.h>
#include <string.h>

#define PAGE_BYTES_MAX (16 * 1024 * 1024)

static const struct {
    const char *suffix, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"},
    {".mjs", "text/javascript; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".woff2", "font/woff2"},
    {".json", "application/json; charset=utf-8"},
    {".txt", "text/plain; charset=utf-8"},
};

static const char *type_of(const char *path)
{
    size_t len = strlen(path);
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        size_t suffix = strlen(types[i].suffix);
        if (len > suffix && strcmp(path + len - suffix, types[i].suffix) == 0)
            return types[i].type;
    }
    return NULL;
}

static int open_page(int *fd, struct file_mark *mark, const struct api *api, const char *path)
{
    AUTO(fd_close) int root = -1;
    if (!api->config.web_directory[0] || !type_of(path) || path[0] == '.')
        return ERR_NOT_FOUND;
    int error = root_open(&root, api->config.web_directory);
    if (!error)
        error = root_open_file(fd, mark, root, path);
    if (!error && mark->bytes > PAGE_BYTES_MAX) {
        fd_close(fd);
        error = ERR_TOO_LARGE;
    }
    return error == ERR_PATH ? ERR_NOT_FOUND : error;
}

static void serve_page(void *context, struct http_request *request)
{
    const char *path = http_path_part(request, "path");
    if (!path)
        path = "index.html";
    AUTO(fd_close) int fd = -1;
    struct file_mark mark;
    int error = open_page(&fd, &mark, context, path);
    if (error) {
        http_answer_problem(request, error, NULL);
        return;
    }
    AUTO(buf_free) struct buf tag = {0};
    buf_append_format(&tag, "\"%" PRIx64 "-%" PRIx64 "\"", (uint64_t)mark.modified_ns, mark.bytes);
    http_answer_header(request, "Cache-Control", "no-cache");
    http_answer_header(request, "ETag", buf_text(&tag));
    const char *known = http_header(request, "If-None-Match");
    if (known && strcmp(known, buf_text(&tag)) == 0) {
        AUTO(buf_free) struct buf empty = {0};
        http_answer_bytes(request, 304, type_of(path), &empty);
        return;
    }
    http_answer_file(request, type_of(path), fd, 0, mark.bytes);
    fd = -1; /* taken over */
}

const struct http_route routes_pages[] = {
    {.method = "GET", .path = "/", .serve = serve_page, .any_query = true},
    {.method = "GET", .path = "/{path+}", .serve = serve_page, .any_query = true},
    {.method = NULL},
};
