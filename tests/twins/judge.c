/* The judges. They count for themselves and ask the code under test for nothing: a quorum is more
 * than two thirds, whatever it may think. */
#include "twins.h"

#include "base/ensure.h"

#include <stdio.h>
#include <string.h>

static int kind_of(const struct message *message)
{
    return message->kind == MESSAGE_PROPOSAL ? 0 : (int)message->vote.type;
}

static const struct message *said(const struct twins *twins, size_t index, uint32_t round, int kind)
{
    uint16_t number = twins->instance[index].said[round][kind];
    return number ? &twins->message[number - 1].message : NULL;
}

/* The two instances that hold one key; the same twice for a correct validator. */
static size_t other_of(const struct twins *twins, const struct instance *instance)
{
    size_t n = twins->validators, index = twins_index(twins, instance);
    if (twins_correct(twins, instance))
        return index;
    return index < n ? index + n : index - n;
}

void judge_signed(struct twins *twins, struct instance *instance, size_t message)
{
    const struct message *now = &twins->message[message].message;
    uint32_t round = message_round(now);
    int kind = kind_of(now);
    ENSURE(round < TWINS_ROUNDS_MAX && message < UINT16_MAX);
    if (instance->said[round][kind] != 0) {
        twins_fail(twins, "an instance signed twice in round %u", round);
        return;
    }
    instance->said[round][kind] = (uint16_t)(message + 1);
    if (kind == 0) {
        twins->counts->values_again += now->proposal.valid_round != ROUND_NONE;
        return;
    }
    size_t other = other_of(twins, instance);
    const struct message *twin =
        other == twins_index(twins, instance) ? NULL : said(twins, other, round, kind);
    twins->counts->equivocations += twin && !hash_equal(&twin->vote.block, &now->vote.block);
}

static size_t member_index(const struct twins *twins, const char *member)
{
    size_t i = 0;
    while (i < twins->validators && strcmp(twins->members.item[i].member, member) != 0)
        i++;
    return i;
}

/* Whether one of the instances with this key signed exactly this vote. */
static bool really_said(const struct twins *twins, const struct vote *vote, size_t validator)
{
    for (size_t index = validator; index < 2 * twins->validators; index += twins->validators) {
        const struct message *message = said(twins, index, vote->round, (int)vote->type);
        if (message && hash_equal(&message->vote.block, &vote->block) &&
            memcmp(&message->vote.signature, &vote->signature, sizeof vote->signature) == 0)
            return true;
    }
    return false;
}

void judge_evidence(struct twins *twins, struct instance *instance, const struct evidence *evidence)
{
    const struct vote *a = &evidence->a, *b = &evidence->b;
    size_t validator = member_index(twins, a->validator);
    if (validator == twins->validators || !(twins->scenario->twins >> validator & 1)) {
        twins_fail(twins, "evidence against the correct validator %s", a->validator);
        return;
    }
    if (strcmp(a->validator, b->validator) != 0 || a->height != twins->height ||
        a->height != b->height || a->round != b->round || a->type != b->type ||
        memcmp(&a->block, &b->block, sizeof a->block) >= 0 || a->round >= TWINS_ROUNDS_MAX ||
        !really_said(twins, a, validator) || !really_said(twins, b, validator)) {
        twins_fail(twins, "evidence of something that nobody signed");
        return;
    }
    if (twins->real_signatures && evidence_verify(evidence, &twins->genesis, &twins->members) != 0)
        twins_fail(twins, "evidence that does not verify");
    instance->accused[a->round][a->type][validator]++;
    twins->counts->evidence += twins_correct(twins, instance);
}

static bool certificate_holds(const struct twins *twins, const struct certificate *certificate)
{
    if (certificate->height != twins->height || certificate->round >= TWINS_ROUNDS_MAX ||
        3 * certificate->count <= 2 * twins->validators)
        return false;
    for (size_t i = 0; i < certificate->count; i++) {
        const struct certificate_signer *signer = &certificate->signer[i];
        size_t validator = member_index(twins, signer->member);
        struct vote vote = {.type = VOTE_PRECOMMIT,
                            .round = certificate->round,
                            .block = certificate->block,
                            .signature = signer->signature};
        if (validator == twins->validators || !really_said(twins, &vote, validator) ||
            (i > 0 && strcmp(certificate->signer[i - 1].member, signer->member) >= 0))
            return false;
    }
    return !twins->real_signatures ||
           certificate_verify(certificate, &twins->genesis, twins->height, &certificate->block,
                              &twins->members) == 0;
}

void judge_decided(struct twins *twins, struct instance *instance,
                   const struct certificate *certificate)
{
    size_t block = 0;
    while (block < twins->block_count &&
           !hash_equal(&twins->block[block].hash, &certificate->block))
        block++;
    if (block == twins->block_count || instance->decided || !certificate_holds(twins, certificate))
        twins_fail(twins, "%s decides what has no certificate",
                   twins->members.item[instance->validator].member);
    instance->decided = true;
    instance->decided_block = block;
    instance->decided_round = certificate->round;
    if (!twins_correct(twins, instance) || twins->failed)
        return;
    twins->counts->decisions[certificate->round]++;
    for (size_t i = 0; i < twins->active_count; i++) {
        const struct instance *other = &twins->instance[twins->active[i]];
        if (twins_correct(twins, other) && other->decided && other->decided_block != block)
            twins_fail(twins, "fork: %s decides in round %u what %s did not in round %u",
                       twins->members.item[instance->validator].member, certificate->round,
                       twins->members.item[other->validator].member, other->decided_round);
    }
}

/* ---- at the end ---- */

/* Where two votes of a twin for one round reached a correct validator it accused once, elsewhere
 * never. */
static void judge_accusations(struct twins *twins, const struct instance *judge, uint32_t round,
                              int kind, size_t validator)
{
    uint32_t self = 1U << twins_index(twins, judge);
    const struct instance *one = &twins->instance[validator];
    const struct instance *two = &twins->instance[validator + twins->validators];
    uint16_t a = one->said[round][kind], b = two->said[round][kind];
    bool both = a && b && twins->message[a - 1].delivered & self &&
                twins->message[b - 1].delivered & self &&
                !hash_equal(&twins->message[a - 1].message.vote.block,
                            &twins->message[b - 1].message.vote.block);
    if (judge->accused[round][kind][validator] != (both ? 1 : 0))
        twins_fail(twins, "%s has %s votes of validator %zu in round %u, and accused it %u times",
                   twins->members.item[judge->validator].member, both ? "both" : "no two",
                   validator, round, judge->accused[round][kind][validator]);
}

static void judge_instance(struct twins *twins, const struct instance *instance)
{
    for (uint32_t round = 0; round < TWINS_ROUNDS_MAX; round++) {
        for (size_t validator = 0; validator < twins->validators; validator++) {
            if (!(twins->scenario->twins >> validator & 1))
                continue;
            judge_accusations(twins, instance, round, VOTE_PREVOTE, validator);
            judge_accusations(twins, instance, round, VOTE_PRECOMMIT, validator);
        }
    }
}

/* The round of the healing may be spoiled, and each twin may spoil one of its own; then a correct
 * proposer is heard by all. In timed scenarios timers ran before the healing, and one more round
 * may end before all have come to it. */
static uint64_t rounds_allowed(const struct twins *twins)
{
    uint64_t twin_count = 0;
    for (size_t v = 0; v < twins->validators; v++)
        twin_count += twins->scenario->twins >> v & 1;
    return 1 + twin_count + ((twins->scenario->network & TWINS_TIMED) != 0);
}

void judge_end(struct twins *twins, uint32_t round_at_heal, bool before_heal)
{
    struct twins_counts *counts = twins->counts;
    uint64_t rounds = 0;
    bool any = false;
    for (size_t i = 0; i < twins->active_count; i++) {
        const struct instance *instance = &twins->instance[twins->active[i]];
        if (!twins_correct(twins, instance))
            continue;
        judge_instance(twins, instance);
        if (!instance->decided)
            twins_fail(twins, "%s does not decide after the network healed",
                       twins->members.item[instance->validator].member);
        any |= instance->decided && instance->decided_round < round_at_heal;
        if (instance->decided && instance->decided_round > round_at_heal + rounds)
            rounds = instance->decided_round - round_at_heal;
    }
    if (!before_heal && rounds > rounds_allowed(twins))
        twins_fail(twins, "it took %u rounds to decide after the network healed", (unsigned)rounds);
    counts->before_heal += before_heal;
    counts->undecided += !before_heal && !any;
    if (rounds > counts->slowest_rounds)
        counts->slowest_rounds = rounds;
}
