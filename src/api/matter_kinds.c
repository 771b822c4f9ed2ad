/* Kinds of matters, and what their records have in common. */
#include "api/matter_kinds.h"

#include "base/civil.h"
#include "base/limits.h"
#include "base/memory.h"

#include <string.h>

static const struct matter_kind kinds[] = {
#define MATTER(name_, chinese_, english_, title_, open_, other_)                                   \
    {.name = (name_),                                                                              \
     .chinese = (chinese_),                                                                        \
     .english = (english_),                                                                        \
     .title = (title_),                                                                            \
     .open = (open_),                                                                              \
     .other = (other_)},
#include "api/matter_kinds.def"
#undef MATTER
};

#define KINDS (sizeof kinds / sizeof *kinds)

const struct matter_kind *matter_kind_of(const char *key)
{
    size_t len = strcspn(key, "/");
    for (size_t i = 0; key[len] == '/' && i < KINDS; i++) {
        if (strlen(kinds[i].name) == len && memcmp(kinds[i].name, key, len) == 0) {
            return &kinds[i];
        }
    }
    return NULL;
}

const struct matter_kind *matter_kind_at(size_t index)
{
    return index < KINDS ? &kinds[index] : NULL;
}

const char *matter_kind_gloss(const char *name)
{
    size_t i = 0;
    while (i < KINDS && strcmp(kinds[i].name, name) != 0) {
        i++;
    }
    return i < KINDS ? kinds[i].chinese : NULL;
}

/* ---- what a record is called ---- */

/* PT 14: 变更、删除 are applied for alike, and come to something else. */
static const struct {
    const char *name, *record, *chinese, *english;
} apart[] = {
    {"change", "change", "申请变更", "change applied for"},
    {"change", "retire", "申请删除", "deletion applied for"},
};
#define APART (sizeof apart / sizeof *apart)

static size_t find_apart(const struct matter_kind *kind, const struct doc *record)
{
    size_t i = 0;
    while (i < APART && (strcmp(apart[i].name, kind->name) != 0 ||
                         !doc_text_is(record, "kind", apart[i].record))) {
        i++;
    }
    return i;
}

const char *matter_chinese(const struct matter_kind *kind, const struct doc *record)
{
    size_t i = find_apart(kind, record);
    return i < APART ? apart[i].chinese : kind->chinese;
}

const char *matter_english(const struct matter_kind *kind, const struct doc *record)
{
    size_t i = find_apart(kind, record);
    return i < APART ? apart[i].english : kind->english;
}

/* ---- statuses ---- */

/* The next "<status> <Chinese>" of a list; false at its end. */
static bool next_status(struct view *word, struct view *chinese, const char **at)
{
    struct view *const parts[] = {word, chinese};
    for (size_t i = 0; i < 2; i++) {
        *at += strspn(*at, " ");
        size_t len = strcspn(*at, " ");
        *parts[i] = (struct view){.data = (const uint8_t *)*at, .len = len};
        *at += len;
    }
    return word->len > 0;
}

/* The Chinese of a status in a list of them; nothing if it is not there. */
static bool find_status(struct view *chinese, const char *words, const char *status)
{
    struct view word;
    size_t len = strlen(status);
    while (next_status(&word, chinese, &words)) {
        if (word.len == len && memcmp(word.data, status, len) == 0) {
            return true;
        }
    }
    return false;
}

void matter_append_status(struct buf *out, const struct matter_kind *kind, const char *status)
{
    struct view chinese;
    if (find_status(&chinese, kind->open, status) || find_status(&chinese, kind->other, status)) {
        buf_append(out, chinese.data, chinese.len);
    } else {
        buf_append_text(out, status);
    }
}

struct doc *matter_statuses(const char *words)
{
    struct doc *list = doc_new_array();
    struct view word, chinese;
    while (next_status(&word, &chinese, &words)) {
        const struct view parts[] = {chinese, word};
        static const char *const names[] = {"chinese", "word"};
        struct doc *item = doc_new_object();
        for (size_t i = 0; i < 2; i++) {
            AUTO(buf_free) struct buf text = {0};
            buf_append(&text, parts[i].data, parts[i].len);
            doc_set_text(item, names[i], buf_text(&text));
        }
        doc_push(list, item);
    }
    return list;
}

const char *matter_status(const struct doc *record)
{
    const char *status = doc_get_text(record, "status");
    if (status == NULL && doc_get(record, "office") != NULL) {
        status = doc_kind(doc_get(record, "to")) == DOC_NULL ? "in-office" : "left-office";
    }
    return status == NULL ? "" : status;
}

/* An open list's adjustment is applied for, or ordered, while the list itself stands (OPEN 10, 11).
 */
bool matter_is_open(const struct matter_kind *kind, const struct doc *record)
{
    struct view chinese;
    return find_status(&chinese, kind->open, matter_status(record)) ||
           doc_get(record, "pending") != NULL ||
           doc_text_is(doc_get(record, "order"), "status", "open");
}

/* ---- when, and who ---- */

int64_t matter_since_ms(const struct doc *record)
{
    static const char *const names[] = {"since_ms", "raised_ms", "submitted_ms", "recorded_ms"};
    int64_t day = 0;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (doc_get(record, names[i]) != NULL) {
            return doc_get_int(record, names[i], 0);
        }
    }
    const char *date = doc_get_text(record, "changed_on"); /* of an officer's papers */
    if (date != NULL && civil_parse_date(&day, date) == 0) {
        return civil_day_start(day);
    }
    return doc_get_int(doc_get(record, "pending"), "time_ms", 0);
}

const char *matter_about(const struct doc *record)
{
    static const char *const names[] = {"member", "principal", "provider", "consumer", "by"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (doc_get_text(record, names[i]) != NULL) {
            return doc_get_text(record, names[i]);
        }
    }
    return NULL;
}

static size_t add_party(const char *out[MATTER_PARTIES_MAX], size_t count, const char *member)
{
    size_t i = 0;
    while (member != NULL && i < count && strcmp(out[i], member) != 0) {
        i++;
    }
    if (member != NULL && i == count && count < MATTER_PARTIES_MAX) {
        out[count++] = member;
    }
    return count;
}

size_t matter_parties(const char *out[MATTER_PARTIES_MAX], const struct doc *record)
{
    static const char *const names[] = {"provider", "consumer", "delegate"};
    const struct doc *parts = doc_get(doc_get(record, "asked_for"), "parts");
    size_t count = add_party(out, 0, matter_about(record));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        count = add_party(out, count, doc_get_text(record, names[i]));
    }
    const char *by = doc_get_text(record, "by"); /* of some records a side, or a key */
    count = add_party(out, count, by != NULL && strlen(by) == MEMBER_ID_CHARS ? by : NULL);
    count = add_party(out, count, doc_get_text(doc_get(record, "forwarded"), "upper"));
    for (size_t i = 0; i < doc_count(parts); i++) {
        count = add_party(out, count, doc_get_text(doc_at(parts, i), "provider"));
    }
    /* Who sign an adjustment plan; whom a risk was reported to. */
    static const char *const lists[] = {"consumers", "supervisors"};
    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        const struct doc *members = doc_get(record, lists[k]);
        for (size_t i = 0; i < doc_count(members); i++) {
            count = add_party(out, count, doc_text(doc_at(members, i)));
        }
    }
    return count;
}
