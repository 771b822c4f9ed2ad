/* Evidence of a fork. Two ledgers grow from one genesis with the same validators' keys: up to a
 * height they are the same, then not. What is put together from both verifies; nothing else does,
 * least of all what accuses somebody of what he did not sign. */
#include "light_items.h"
#include "vectors.h"

#include "chain/fork.h"

static const size_t one_two_three[] = {1, 2, 3}, one_two_four[] = {1, 2, 4};

struct fork {
    struct ledger ledger;
    struct doc *history;
    struct light_item ours, theirs;
    struct buf text;
};

static void fork_close(struct fork *fork)
{
    ledger_close(&fork->ledger);
    doc_free(&fork->history);
    buf_free(&fork->text);
}

/* The same block but for its state root, certified in another round or by others. */
static struct fork fork_at(uint64_t height, uint32_t round, const size_t *by, size_t count)
{
    struct hash first, last;
    struct store_view view;
    struct fork fork = {.ledger = make_ledger(&first, &last)};
    assert_int_equal(store_view_open(&view, fork.ledger.kv), 0);
    assert_int_equal(validator_history_read(&fork.history, &view, 6), 0);
    store_view_close(&view);
    fork.ours = fork.theirs = item_at(&fork.ledger, height);
    fork.theirs.header.state_root.bytes[7] ^= 1;
    recertify(&fork.theirs, &fork.ledger, round, by, count);
    fork_append(&fork.text, &fork.ledger.genesis_hash, fork.history, &fork.ours, &fork.theirs);
    return fork;
}

static int judge(struct fork_facts *facts, const struct fork *fork, struct view text)
{
    struct faults faults = {0};
    int error = fork_verify(facts, &faults, text, fork->ledger.genesis, &fork->ledger.genesis_hash);
    assert_int_equal(error, faults_first(&faults));
    return error;
}

static void two_blocks_of_one_round(void **state)
{
    (void)state;
    struct fork_facts facts;
    AUTO(fork_close) struct fork fork = fork_at(2, 0, one_two_four, 3);
    assert_int_equal(judge(&facts, &fork, view_of_buf(&fork.text)), 0);
    assert_int_equal(facts.height, 2);
    assert_int_equal(facts.validators, 4);
    assert_int_equal(facts.quorum, 3);
    assert_int_equal(facts.faulty_at_least, 2);
    assert_int_equal(facts.validator_changes, 0);
    assert_int_equal(facts.block[0].round, 0);
    assert_int_equal(facts.block[1].round, 0);
    assert_true(hash_compare(&facts.block[0].hash, &facts.block[1].hash) < 0);
    /* Whichever is named first, the file is the same. */
    AUTO(buf_free) struct buf swapped = {0};
    fork_append(&swapped, &fork.ledger.genesis_hash, fork.history, &fork.theirs, &fork.ours);
    assert_true(view_equal(view_of_buf(&swapped), view_of_buf(&fork.text)));
}

/* Of four, three sign the one and three the other: those two or three who signed both are named. */
static void who_signed_both(void **state)
{
    (void)state;
    AUTO(fork_close) struct fork fork = fork_at(2, 0, one_two_four, 3);
    for (size_t out = 0; out < 16; out++) {
        size_t by[2][3], both = 0;
        struct fork_facts facts;
        AUTO(buf_free) struct buf text = {0};
        for (size_t agency = 1, i = 0, k = 0; agency <= 4; agency++) {
            if (agency - 1 != out / 4)
                by[0][i++] = agency;
            if (agency - 1 != out % 4)
                by[1][k++] = agency;
        }
        recertify(&fork.ours, &fork.ledger, 0, by[0], 3);
        recertify(&fork.theirs, &fork.ledger, 0, by[1], 3);
        fork_append(&text, &fork.ledger.genesis_hash, fork.history, &fork.ours, &fork.theirs);
        assert_int_equal(judge(&facts, &fork, view_of_buf(&text)), 0);
        for (size_t agency = 1; agency <= 4; agency++) {
            bool expected = agency - 1 != out / 4 && agency - 1 != out % 4, named = false;
            for (size_t i = 0; i < facts.signed_both_count; i++)
                named = named || strcmp(facts.signed_both[i], agencies[agency]) == 0;
            assert_int_equal(named, expected);
            both += expected;
        }
        assert_int_equal(facts.signed_both_count, both);
        assert_true(both >= facts.faulty_at_least);
    }
}

/* After the change only three validators are left, and all must sign. */
static void two_blocks_of_two_rounds_after_a_change(void **state)
{
    (void)state;
    struct fork_facts facts;
    AUTO(fork_close) struct fork fork = fork_at(6, 3, one_two_three, 3);
    assert_int_equal(judge(&facts, &fork, view_of_buf(&fork.text)), 0);
    assert_int_equal(facts.validators, 3);
    assert_int_equal(facts.faulty_at_least, 3);
    assert_int_equal(facts.validator_changes, 1);
    assert_int_equal(facts.signed_both_count, 3);
    assert_int_equal(facts.block[0].round + facts.block[1].round, 3);
}

/* Any changed, added or missing byte. */
static void every_byte_is_vouched_for(void **state)
{
    (void)state;
    struct fork_facts facts;
    AUTO(fork_close) struct fork fork = fork_at(6, 3, one_two_three, 3);
    for (size_t i = 0; i < fork.text.len; i++) {
        for (unsigned bit = 1; bit <= 32; bit *= 32) {
            fork.text.data[i] ^= (uint8_t)bit;
            if (judge(&facts, &fork, view_of_buf(&fork.text)) == 0)
                fail_msg("byte %zu ^ %u: still verifies", i, bit);
            fork.text.data[i] ^= (uint8_t)bit;
        }
    }
    for (size_t len = 0; len < fork.text.len; len += 1 + len / 8)
        assert_int_not_equal(judge(&facts, &fork, view_of(fork.text.data, len)), 0);
    assert_int_not_equal(judge(&facts, &fork, view_of(fork.text.data, fork.text.len - 1)), 0);
    buf_append_u8(&fork.text, '\n');
    assert_int_equal(judge(&facts, &fork, view_of_buf(&fork.text)), ERR_FORK_EVIDENCE);
}

static struct doc *document_of(const struct fork *fork)
{
    struct doc *parsed = NULL;
    assert_int_equal(doc_parse(&parsed, view_of_buf(&fork->text), FORK_BYTES_MAX), 0);
    struct doc *own = doc_copy(parsed);
    doc_free(&parsed);
    return own;
}

static int judge_doc(const struct fork *fork, const struct doc *document)
{
    struct fork_facts facts;
    AUTO(buf_free) struct buf text = {0};
    doc_append_canonical(&text, document);
    buf_append_u8(&text, '\n');
    return judge(&facts, fork, view_of_buf(&text));
}

static struct doc *block_doc(const struct light_item *item)
{
    struct doc *object = doc_new_object();
    certified_header_put(object, &item->header, &item->certificate);
    return object;
}

/* Evidence with these two blocks, in order of their hashes, and this list of who signed both. */
static int accuse(const struct fork *fork, const struct light_item *one,
                  const struct light_item *other, const struct doc *signed_both)
{
    AUTO(buf_free) struct buf text = {0};
    AUTO(doc_free) struct doc *parsed = NULL;
    fork_append(&text, &fork->ledger.genesis_hash, fork->history, one, other);
    assert_int_equal(doc_parse(&parsed, view_of_buf(&text), FORK_BYTES_MAX), 0);
    AUTO(doc_free) struct doc *document = doc_copy(parsed);
    if (signed_both != NULL)
        doc_set(document, "signed_both", doc_copy(signed_both));
    return judge_doc(fork, document);
}

static void accusations_that_are_false(void **state)
{
    (void)state;
    AUTO(fork_close) struct fork fork = fork_at(4, 0, one_two_four, 3);
    struct light_item other = fork.theirs;
    /* The same block twice, or certified twice: no fork. */
    assert_int_equal(accuse(&fork, &fork.ours, &fork.ours, NULL), ERR_FORK_EVIDENCE);
    other = fork.ours;
    recertify(&other, &fork.ledger, 1, one_two_four, 3);
    assert_int_equal(accuse(&fork, &fork.ours, &other, NULL), ERR_FORK_EVIDENCE);
    /* Too few, a stranger, one counted twice, a forged signature, prevotes. */
    other = fork.theirs;
    other.certificate.count = 2;
    assert_int_equal(accuse(&fork, &fork.ours, &other, NULL), ERR_CERT_QUORUM);
    static const size_t with_the_center[] = {0, 1, 2};
    recertify(&other, &fork.ledger, 0, with_the_center, 3);
    assert_int_equal(accuse(&fork, &fork.ours, &other, NULL), ERR_CERT_SIGNER);
    other = fork.theirs;
    other.certificate.signer[2] = other.certificate.signer[1];
    assert_int_equal(accuse(&fork, &fork.ours, &other, NULL), ERR_CERT_SIGNER);
    other = fork.theirs;
    other.certificate.signer[1].signature = other.certificate.signer[0].signature;
    assert_int_equal(accuse(&fork, &fork.ours, &other, NULL), ERR_SIGNATURE);
    other = fork.theirs;
    other.certificate.round++; /* signed for another round */
    assert_int_equal(accuse(&fork, &fork.ours, &other, NULL), ERR_SIGNATURE);
    /* Blocks of two heights, each certified. */
    other = item_at(&fork.ledger, 2);
    assert_int_equal(accuse(&fork, &fork.ours, &other, NULL), ERR_FORK_EVIDENCE);
    /* A validator that had left signs: the history knows it. */
    other = item_at(&fork.ledger, 6);
    other.header.state_root.bytes[0] ^= 1;
    recertify(&other, &fork.ledger, 0, one_two_four, 3);
    struct light_item at_six = item_at(&fork.ledger, 6);
    assert_int_equal(accuse(&fork, &at_six, &other, NULL), ERR_CERT_SIGNER);
}

static void lists_of_others_than_those_who_signed(void **state)
{
    (void)state;
    AUTO(fork_close) struct fork fork = fork_at(4, 0, one_two_four, 3);
    AUTO(doc_free) struct doc *document = document_of(&fork);
    AUTO(doc_free) struct doc *list = doc_copy(doc_get(document, "signed_both"));
    assert_int_equal(accuse(&fork, &fork.ours, &fork.theirs, list), 0);
    doc_push_text(list, agencies[3]); /* signed neither or one of them */
    assert_int_equal(accuse(&fork, &fork.ours, &fork.theirs, list), ERR_FORK_EVIDENCE);
    AUTO(doc_free) struct doc *none = doc_new_array();
    assert_int_equal(accuse(&fork, &fork.ours, &fork.theirs, none), ERR_FORK_EVIDENCE);
}

static void evidence_of_another_chain_or_history(void **state)
{
    (void)state;
    AUTO(fork_close) struct fork fork = fork_at(6, 0, one_two_three, 3);
    struct fork_facts facts;
    struct hash other = fork.ledger.genesis_hash;
    struct faults faults = {0};
    other.bytes[0] ^= 1;
    assert_int_equal(
        fork_verify(&facts, &faults, view_of_buf(&fork.text), fork.ledger.genesis, &other),
        ERR_GENESIS);
    AUTO(doc_free) struct doc *document = document_of(&fork);
    const struct doc *history = doc_get(document, "history");
    assert_int_equal(doc_count(history), 1);
    /* Without the step the set of genesis would decide; twice it is no history. */
    AUTO(doc_free) struct doc *forgetful = doc_copy(document);
    doc_set(forgetful, "history", doc_new_array());
    assert_int_equal(judge_doc(&fork, forgetful), ERR_VALIDATORS);
    AUTO(doc_free) struct doc *twice = doc_copy(document);
    struct doc *steps = doc_copy(history);
    doc_push(steps, doc_copy(doc_at(history, 0)));
    doc_set(twice, "history", steps);
    assert_int_not_equal(judge_doc(&fork, twice), 0);
    AUTO(doc_free) struct doc *more = doc_copy(document);
    doc_set_text(more, "note", "x");
    assert_int_equal(judge_doc(&fork, more), ERR_FORK_EVIDENCE);
    AUTO(doc_free) struct doc *noted = doc_copy(document);
    AUTO(doc_free) struct doc *first = doc_copy(doc_at(doc_get(document, "blocks"), 0));
    struct doc *pair = doc_new_array();
    doc_set_text(first, "note", "x");
    doc_push(pair, doc_copy(first));
    doc_push(pair, doc_copy(doc_at(doc_get(document, "blocks"), 1)));
    doc_set(noted, "blocks", pair);
    assert_int_equal(judge_doc(&fork, noted), ERR_FORK_EVIDENCE);
    AUTO(doc_free) struct doc *third = doc_copy(document);
    struct doc *blocks = doc_copy(doc_get(document, "blocks"));
    doc_push(blocks, block_doc(&fork.ours));
    doc_set(third, "blocks", blocks);
    assert_int_equal(judge_doc(&fork, third), ERR_FORK_EVIDENCE);
}

/* tests/vectors/fork.json: the same judged by another's hand. */
static void published_vectors(void **state)
{
    (void)state;
    AUTO(doc_free) struct doc *vectors = vectors_load("fork.json");
    struct hash genesis = vector_hash(vectors, "genesis");
    const struct doc *cases = doc_get(vectors, "forks");
    assert_int_equal(doc_count(cases), 20);
    for (size_t i = 0; i < doc_count(cases); i++) {
        const struct doc *vector = doc_at(cases, i);
        const struct doc *both = doc_get(vector, "signed_both");
        struct fork_facts facts;
        struct faults faults = {0};
        int error = fork_verify(&facts, &faults, view_of_text(vector_text(vector, "text")),
                                doc_get(vectors, "genesis_part"), &genesis);
        const char *code = error == 0 ? "ok" : error_code(error);
        if (strcmp(code, vector_text(vector, "expect")) != 0)
            fail_msg("%s: %s", vector_name(vector), code);
        if (error != 0)
            continue;
        assert_int_equal(facts.height, doc_get_int(vector, "height", 0));
        assert_int_equal(facts.signed_both_count, doc_count(both));
        for (size_t k = 0; k < doc_count(both); k++)
            assert_string_equal(facts.signed_both[k], doc_text(doc_at(both, k)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_blocks_of_one_round),
        cmocka_unit_test(who_signed_both),
        cmocka_unit_test(two_blocks_of_two_rounds_after_a_change),
        cmocka_unit_test(every_byte_is_vouched_for),
        cmocka_unit_test(accusations_that_are_false),
        cmocka_unit_test(lists_of_others_than_those_who_signed),
        cmocka_unit_test(evidence_of_another_chain_or_history),
        cmocka_unit_test(published_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
