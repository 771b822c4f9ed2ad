/* Pages and their cursors. */
#include "api/page.h"

#include "base/errors.h"
#include "base/memory.h"

#include <inttypes.h>
#include <string.h>

const struct field page_fields[] = {PAGE_FIELDS, {.name = NULL}};

/* cursor = base64url(list ‖ 0x00 ‖ place) */
static void cursor_make(struct buf *out, const char *list, const char *place)
{
    AUTO(buf_free) struct buf plain = {0};
    buf_append(&plain, list, strlen(list) + 1);
    buf_append_text(&plain, place);
    base64url_append(out, view_of_buf(&plain));
}

static int cursor_read(char *place, size_t place_bytes, const char *list, const char *cursor)
{
    AUTO(buf_free) struct buf plain = {0};
    size_t list_bytes = strlen(list) + 1;
    if (base64url_decode(&plain, view_of_text(cursor)) != 0 || plain.len <= list_bytes ||
        memcmp(plain.data, list, list_bytes) != 0 || plain.len - list_bytes >= place_bytes)
        return ERR_CURSOR;
    struct view rest = view_of(plain.data + list_bytes, plain.len - list_bytes);
    if (!doc_text_valid(rest))
        return ERR_CURSOR;
    memcpy(place, rest.data, rest.len);
    place[rest.len] = 0;
    return 0;
}

int page_begin_text(struct page *page, struct http_request *request, const char *list, char *place,
                    size_t place_bytes)
{
    const struct doc *query = http_query(request);
    const char *cursor = doc_get_text(query, "cursor");
    int error = cursor ? cursor_read(place, place_bytes, list, cursor) : 0;
    if (error) {
        http_answer_problem(request, error, NULL);
        return error;
    }
    *page = (struct page){
        .list = list,
        .limit = (size_t)doc_get_int(query, "limit", PAGE_ITEMS_DEFAULT),
        .items = doc_new_array(),
    };
    return 0;
}

int page_begin(struct page *page, struct http_request *request, const char *list, int64_t *place)
{
    char text[24] = "";
    int error = page_begin_text(page, request, list, text, sizeof text);
    if (error || !text[0])
        return error;
    size_t len = strlen(text);
    int64_t value = 0;
    if (len > 16 || strspn(text, "0123456789") != len) {
        doc_free(&page->items);
        http_answer_problem(request, ERR_CURSOR, NULL);
        return ERR_CURSOR;
    }
    for (size_t i = 0; i < len; i++)
        value = value * 10 + (text[i] - '0');
    *place = value;
    return 0;
}

void page_add(struct page *page, struct doc *item)
{
    doc_push(page->items, item);
    page->count++;
}

void page_end_text(struct page *page, struct http_request *request, int error, const char *next)
{
    if (error) {
        doc_free(&page->items);
        http_answer_problem(request, error, NULL);
        return;
    }
    struct doc *document = doc_new_object();
    if (page->may_lag) {
        doc_set_int(document, "height", (int64_t)page->height);
        doc_set_int(document, "tip", (int64_t)page->tip);
    }
    if (page->since_block > 0)
        doc_set_int(document, "since_block", (int64_t)page->since_block);
    doc_set(document, "items", page->items);
    page->items = NULL;
    if (next) {
        AUTO(buf_free) struct buf cursor = {0};
        cursor_make(&cursor, page->list, next);
        doc_set_text(document, "next", buf_text(&cursor));
    } else {
        doc_set(document, "next", doc_new_null());
    }
    http_answer_doc(request, 200, document);
}

void page_end(struct page *page, struct http_request *request, int error, bool more, int64_t next)
{
    AUTO(buf_free) struct buf text = {0};
    buf_append_format(&text, "%" PRId64, next);
    page_end_text(page, request, error, more ? buf_text(&text) : NULL);
}
