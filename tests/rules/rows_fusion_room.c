/* That nobody's words take the room of others in a fusion, by the clause: PT 20, 22. */
#include "rows_requests.h"

#include "base/limits.h"
#include "fused.h"

/* A list of texts of at most so many characters whose canonical form has so many bytes. */
static struct doc *texts_of_size(size_t bytes, size_t longest)
{
    struct doc *texts = doc_new_array();
    size_t left = bytes - strlen("[]");
    while (left > 0) {
        char text[1001];
        size_t around = strlen("\"\"") + (doc_count(texts) > 0), length = left - around;
        if (length > longest) { /* none is left that is too short for a text of its own */
            length = length > longest + longest / 2 ? longest : longest / 4 * 3;
        }
        memset(text, 'a', length);
        text[length] = 0;
        doc_push_text(texts, text);
        left -= around + length;
    }
    return texts;
}

/* ALPHA's review, which is so large by its last reason. */
static int review_of_size(struct ledger *ledger, const char *code, size_t bytes)
{
    AUTO(doc_free)
    struct doc *body = fixture_parse(
        "{'fusion':'%s','acts_on':'%s','entry':'%s','decision':'refuse','grounds':{'legal_basis':"
        "[{'law':'个人信息保护法','article':'第二十八条'}],'reasons':[]}}",
        other, ledger_version(ledger, "fusion/%s", other), code);
    struct doc *grounds = doc_copy(doc_get(body, "grounds"));
    size_t room = bytes - doc_canonical_beyond(body, 0) + strlen("[]");
    doc_set(grounds, "reasons", texts_of_size(room, 1000));
    doc_set(body, "grounds", grounds);
    assert_int_equal(doc_canonical_beyond(body, 0), bytes);
    ledger->faults = (struct faults){0};
    return fixture_submit(ledger, ALPHA "/approve", "fusion.review", body);
}

static void D7_fusion_review_bounded(void **state)
{
    (void)state;
    struct ledger *ledger = with_fusion();
    assert_int_equal(review_of_size(ledger, "E1", FUSION_REVIEW_BYTES_MAX + 1), ERR_TOO_LARGE);
    assert_true(ledger_fault(ledger, ERR_TOO_LARGE, "body"));
    assert_int_equal(review_of_size(ledger, "E1", FUSION_REVIEW_BYTES_MAX), 0);
    must(ledger, GAMMA "/approve", "fusion.review", "fusion", other, OWN_ACCEPT);
    must(ledger, CENTER "/review", "fusion.conclude", "fusion", other, RETURN);
    ledger_close(&ledger);
}

/* As many parts as there may be, like those given; the lists of their items have so many bytes. */
static struct doc *parts_of_size(const struct doc *given, size_t each, size_t last)
{
    struct doc *parts = doc_new_array();
    for (size_t i = 0; i < FUSION_PARTS_MAX; i++) {
        struct doc *part = doc_copy(doc_at(given, i % 2));
        doc_set(part, "items", texts_of_size(i < FUSION_PARTS_MAX - 1 ? each : last, 100));
        doc_push(parts, part);
    }
    return parts;
}

/* So many bytes of a plan, by the names of items that there are not. */
static int fuse_of_size(struct ledger *ledger, size_t bytes)
{
    const struct doc *given = doc_get(ledger_get(ledger, "fusion/%s", other), "asked_for");
    AUTO(doc_free) struct doc *asked = doc_copy(given);
    size_t each = bytes / FUSION_PARTS_MAX - 200; /* names take the rest */
    doc_set(asked, "parts", parts_of_size(doc_get(given, "parts"), each, strlen("[]")));
    size_t room = bytes - doc_canonical_beyond(asked, 0) + strlen("[]");
    doc_set(asked, "parts", parts_of_size(doc_get(given, "parts"), each, room));
    assert_int_equal(doc_canonical_beyond(asked, 0), bytes);
    ledger->faults = (struct faults){0};
    return fixture_submit(ledger, BETA "/compile", "fusion.submit", asked);
}

static void D7_fusion_plan_bounded(void **state)
{
    (void)state;
    struct ledger *ledger = with_fusion();
    assert_int_equal(fuse_of_size(ledger, FUSION_ASKED_BYTES_MAX + 1), ERR_TOO_LARGE);
    assert_true(ledger_fault(ledger, ERR_TOO_LARGE, "body"));
    assert_int_equal(fuse_of_size(ledger, FUSION_ASKED_BYTES_MAX), ERR_SUBJECT);
    assert_false(ledger_fault(ledger, ERR_TOO_LARGE, "body"));
    ledger_close(&ledger);
}
