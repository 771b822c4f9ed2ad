/* Numbers as Prometheus reads them. */
#include "api/metrics.h"

#include "base/memory.h"

#include <inttypes.h>
#include <string.h>

void metrics_put(struct buf *out, const char *type, const char *name, const char *help,
                 const char *labels, int64_t value)
{
    if (help)
        buf_append_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
    if (labels)
        buf_append_format(out, "%s{%s} %" PRId64 "\n", name, labels, value);
    else
        buf_append_format(out, "%s %" PRId64 "\n", name, value);
}

static bool is_number(const struct doc *value)
{
    return doc_kind(value) == DOC_INT || doc_kind(value) == DOC_BOOL;
}

static int64_t number_of(const struct doc *value)
{
    return doc_kind(value) == DOC_BOOL ? doc_bool(value, false) : doc_int(value, 0);
}

/* Sections whose numbers only grow, but for what is queued. */
static bool only_grows(const char *section, const char *key)
{
    return strcmp(section, "counters") == 0 || strcmp(section, "traffic") == 0 ||
           (strcmp(section, "verifier") == 0 && strcmp(key, "queued") != 0);
}

static void put_section(struct buf *out, const char *section, const struct doc *numbers)
{
    size_t cursor = 0;
    const char *key;
    const struct doc *value;
    bool bare = strcmp(section, "counters") == 0;
    while (doc_next(numbers, &cursor, &key, &value)) {
        if (!is_number(value))
            continue;
        bool counts = only_grows(section, key);
        AUTO(buf_free) struct buf name = {0};
        AUTO(buf_free) struct buf help = {0};
        buf_append_format(&name, "dirchain_%s%s%s%s", bare ? "" : section, bare ? "" : "_", key,
                          counts ? "_total" : "");
        buf_append_format(&help, "%s.%s of /v1/status.", section, key);
        metrics_put(out, counts ? "counter" : "gauge", buf_text(&name), buf_text(&help), NULL,
                    number_of(value));
    }
}

static void put_peers(struct buf *out, const struct doc *peers)
{
    static const struct {
        const char *key, *name, *help;
    } numbers[] = {
        {"up", "dirchain_peer_up", "Whether the link to the peer is up."},
        {"height", "dirchain_peer_height", "Height that the peer last told."},
        {"first_block", "dirchain_peer_first_block",
         "First block that the peer keeps; 0: not told."},
        {"blamed", "dirchain_peer_blamed",
         "How often the peer sent what honest nodes do not send."},
    };
    for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++)
        for (size_t i = 0; i < doc_count(peers); i++) {
            const struct doc *peer = doc_at(peers, i);
            const char *member = doc_get_text(peer, "member");
            AUTO(buf_free) struct buf labels = {0};
            buf_append_format(&labels, "member=\"%s\"", member ? member : "");
            metrics_put(out, "gauge", numbers[n].name, i == 0 ? numbers[n].help : NULL,
                        buf_text(&labels), number_of(doc_get(peer, numbers[n].key)));
        }
}

void metrics_put_status(struct buf *out, const struct doc *status)
{
    size_t cursor = 0;
    const char *key;
    const struct doc *value;
    while (doc_next(status, &cursor, &key, &value)) {
        if (doc_kind(value) == DOC_OBJECT)
            put_section(out, key, value);
        else if (strcmp(key, "peers") == 0)
            put_peers(out, value);
    }
}
