/* What consensus reads from outside, on anything. The first byte chooses: one message, a safety
 * record, or a run of messages into a state machine that believes every signature. What decodes
 * encodes to the same bytes; nothing that comes stops the machine. */
#include "fuzz.h"

#include "base/ensure.h"
#include "base/errors.h"
#include "base/memory.h"
#include "consensus/consensus.h"

#include <string.h>

static void use_message(struct buf *again, struct reader *reader)
{
    struct message message;
    if (message_decode(&message, reader) == OK)
        message_encode(again, &message);
}

static void use_record(struct buf *again, struct reader *reader)
{
    struct safety_record record;
    if (safety_record_decode(&record, reader) == OK)
        safety_record_encode(again, &record);
}

static bool believe(const struct vote_key *key, const struct hash *digest,
                    const struct signature *signature)
{
    (void)key;
    (void)digest;
    (void)signature;
    return true;
}

static struct consensus *some_machine(void)
{
    static const char *const members[] = {"11990000000000001G", "11990000000000002K",
                                          "11990000000000003N", "11990000000000004R"};
    struct consensus_config config = {
        .genesis = fuzz_genesis(), .timing = consensus_timing_default(), .verify = believe};
    memcpy(config.member, members[0], MEMBER_ID_CHARS);
    struct validator_set set = {.count = 4};
    for (size_t i = 0; i < set.count; i++)
        memcpy(set.item[i].member, members[i], MEMBER_ID_CHARS);
    struct safety_record nothing;
    safety_record_init(&nothing);
    struct event event = {.kind = EVENT_START_HEIGHT, .now_ms = 1000000};
    event.start = (struct event_start_height){
        .height = 1, .set = &set, .next_set = &set, .previous = fuzz_genesis(), .resume = &nothing};
    struct consensus *consensus = consensus_create(&config);
    static struct effects effects;
    ENSURE(consensus_step(consensus, &event, &effects) == OK);
    return consensus;
}

/* Messages in sequence; own ones are fed back, timers fire now and then, every block is valid. */
static void use_run(struct buf *again, struct reader *reader)
{
    (void)again;
    static struct effects effects;
    struct consensus *consensus = some_machine();
    struct event event = {.kind = EVENT_MESSAGE, .now_ms = 1000000};
    while (message_decode(&event.message.message, reader) == OK) {
        (void)consensus_step(consensus, &event, &effects);
        for (size_t i = 0; i < effects.count; i++) {
            struct event answer = {.now_ms = 1000000};
            if (effects.item[i].kind == EFFECT_EXECUTE && effects.item[i].execute.has_header) {
                answer.kind = EVENT_VERDICT;
                answer.verdict.block = effects.item[i].execute.block;
                answer.verdict.valid = true;
            } else if (effects.item[i].kind == EFFECT_TIMER) {
                answer.kind = EVENT_TIMEOUT;
                answer.timeout = (struct event_timeout){.kind = effects.item[i].timer.kind,
                                                        .height = effects.item[i].timer.height,
                                                        .round = effects.item[i].timer.round};
            } else {
                continue;
            }
            static struct effects unused;
            (void)consensus_step(consensus, &answer, &unused);
        }
    }
    struct consensus_cursor cursor = {0};
    struct message said;
    size_t count = 0;
    while (consensus_next_recalled(&said, &cursor, consensus, "11990000000000002K"))
        count++;
    ENSURE(count <= RECALLED_MAX);
    consensus_free(&consensus);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const uses[])(struct buf *, struct reader *) = {use_message, use_record, use_run};
    AUTO(buf_free) struct buf again = {0};
    if (size == 0)
        return 0;
    struct reader reader = reader_of(view_of(data + 1, size - 1));
    uses[data[0] % 3](&again, &reader);
    if (again.len > 0)
        ENSURE(view_equal(view_of_buf(&again), view_of(data + 1, size - 1 - reader.rest.len)));
    return 0;
}
