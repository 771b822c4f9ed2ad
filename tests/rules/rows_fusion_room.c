/* That nobody's words take the room of others in a fusion, by the clause: PT 20, 22. */
#include "rows_requests.h"

#include "base/limits.h"
#include "fused.h"

static char filling[FUSION_ASKED_BYTES_MAX];

/* ALPHA's review, which is so large by its last reason. */
static int review_of_size(struct ledger *ledger, const char *code, size_t bytes)
{
    struct doc *body = fixture_parse(
        "{'fusion':'%s','acts_on':'%s','entry':'%s','decision':'refuse','grounds':{'legal_basis':"
        "[{'law':'个人信息保护法','article':'第二十八条'}],'reasons':[]}}",
        other, ledger_version(ledger, "fusion/%s", other), code);
    struct doc *reasons =
        (struct doc *)(uintptr_t)doc_get(doc_get(body, "grounds"), "reasons");
    while (doc_canonical_beyond(body, 0) < bytes) {
        size_t left = bytes - doc_canonical_beyond(body, 0) - (doc_count(reasons) > 0 ? 3 : 2);
        size_t length = left > 1000 + 100 ? 1000 : left > 1000 ? 900 : left;
        memset(filling, 'a', length);
        filling[length] = 0;
        doc_push_text(reasons, filling);
    }
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

/* So many bytes of a plan, by the names of items that there are not. */
static int fuse_of_size(struct ledger *ledger, size_t bytes)
{
    struct doc *asked = doc_copy(doc_get(ledger_get(ledger, "fusion/%s", other), "asked_for"));
    struct doc *parts = doc_new_array();
    for (size_t i = 0; i < FUSION_PARTS_MAX; i++) {
        struct doc *part = doc_copy(doc_at(doc_get(asked, "parts"), i % 2));
        doc_set(part, "items", doc_new_array());
        doc_push(parts, part);
    }
    doc_set(asked, "parts", parts);
    for (size_t i = 0; doc_canonical_beyond(asked, 0) < bytes; i++) {
        struct doc *items = (struct doc *)(uintptr_t)doc_get(doc_at(parts, i % 16), "items");
        size_t left = bytes - doc_canonical_beyond(asked, 0) - (doc_count(items) > 0 ? 3 : 2);
        size_t length = left > 100 + 50 ? 100 : left > 100 ? 75 : left;
        memset(filling, 'a', length);
        filling[length] = 0;
        doc_push_text(items, filling);
    }
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
