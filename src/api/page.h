/* Lists by page: {"items":[…],"next":cursor or null}. A cursor is opaque to callers: base64url of
 * the list's name and the place to go on from, so that a cursor of another list is refused.
 *
 * A list that may be behind says up to which block it goes ("height") and which the newest is
 * ("tip"). A list of what happened says from which block on it knows that ("since_block"): what is
 * not in it may have happened before. */
#ifndef DIRCHAIN_API_PAGE_H
#define DIRCHAIN_API_PAGE_H

#include "api/http.h"

#define PAGE_ITEMS_DEFAULT 50

struct page {
    const char *list; /* its name within cursors; lives as long as the page */
    size_t limit, count;
    bool may_lag;         /* height and tip are told */
    uint64_t height, tip; /* of the read model, of the ledger */
    uint64_t since_block; /* 0: the list has everything, whatever blocks are kept */
    struct doc *items;
};

/* Query parameters `cursor` and `limit`, for lists without filters; others name them in their own
 * tables by PAGE_FIELDS. */
extern const struct field page_fields[];
#define PAGE_FIELDS                                                                                \
    {.name = "cursor",                                                                             \
     .kind = FIELD_TEXT,                                                                           \
     .min = 1,                                                                                     \
     .max = 700,                                                                                   \
     .english = "Where to go on: `next` of the page before.",                                      \
     .chinese = "续页游标，取上一页的 next。"},                                                    \
    {                                                                                              \
        .name = "limit", .kind = FIELD_INT, .min = 1, .max = HTTP_PAGE_ITEMS_MAX,                  \
        .english = "Items on a page; 50 if left out.", .chinese = "每页条数，缺省 50。"    \
    }

/* Starts a page: *place is set from the cursor, if there is one. On error the request has been
 * answered (ERR_CURSOR). */
int page_begin(struct page *page, struct http_request *request, const char *list, int64_t *place);
int page_begin_text(struct page *page, struct http_request *request, const char *list, char *place,
                    size_t place_bytes);
void page_add(struct page *page, struct doc *item); /* takes it over */
/* Answers: with the page, or with the error. */
void page_end(struct page *page, struct http_request *request, int error, bool more, int64_t next);
void page_end_text(struct page *page, struct http_request *request, int error,
                   const char *next /* NULL: the last page */);

#endif
