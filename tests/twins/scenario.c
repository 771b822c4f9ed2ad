/* Which scenarios there are, and their text.
 *
 * Systematic: number = ((network · n + twin) · p + slot 0) · p + slot 1 …, p = 2^n partitions. The
 * first instance is always in set 0 (the names of the sets mean nothing), the others choose: every
 * partition of n + 1 into two sets, and the whole, once. Heights are the same modulo n for all: to
 * let another validator propose first is to rename the validators, and each is the twin in turn. */
#include "twins.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t partitions(size_t validators)
{
    return UINT64_C(1) << validators;
}

static uint64_t per_twin(size_t validators)
{
    uint64_t count = 1;
    for (size_t i = 0; i < SYSTEMATIC_SLOTS; i++)
        count *= partitions(validators);
    return count;
}

uint64_t systematic_count(size_t validators)
{
    return TWINS_SYSTEMATIC_KINDS * validators * per_twin(validators);
}

void systematic_scenario(struct scenario *out, size_t validators, uint64_t number)
{
    *out = (struct scenario){.validators = validators, .slots = SYSTEMATIC_SLOTS};
    uint64_t kind = number / per_twin(validators);
    out->twins = 1U << kind % validators;
    out->network = (unsigned)(kind / validators);
    uint64_t rest = number % per_twin(validators);
    for (size_t slot = SYSTEMATIC_SLOTS; slot-- > 0; rest /= partitions(validators)) {
        uint64_t choice = rest % partitions(validators);
        for (size_t i = 0; i < validators; i++)
            out->set[slot][i + 1] = choice >> i & 1;
    }
}

uint64_t systematic_next(uint64_t number, size_t validators, size_t last_slot)
{
    uint64_t step = 1;
    for (size_t slot = last_slot + 1; slot < SYSTEMATIC_SLOTS; slot++)
        step *= partitions(validators);
    return (number / step + 1) * step;
}

/* splitmix64, apart from the one that plays */
static uint64_t below(uint64_t *state, uint64_t bound)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return (z ^ z >> 31) % bound;
}

void random_scenario(struct scenario *out, size_t validators, uint64_t seed)
{
    uint64_t state = seed ^ UINT64_C(0x7477696e73);
    *out = (struct scenario){.validators = validators,
                             .seed = seed,
                             .height = below(&state, validators),
                             .network = (unsigned)below(&state, 32),
                             .slots = 3 + below(&state, TWINS_SLOTS_MAX - 2)};
    /* Most locks that lead to nothing, and so most to be learnt, come about like this. */
    if (below(&state, 4) > 0)
        out->network = TWINS_SPLIT | TWINS_PHASED | TWINS_ONE_WAY | (out->network & TWINS_LATE);
    for (size_t left = (validators - 1) / 3; left > 0;) {
        unsigned twin = 1U << below(&state, validators);
        left -= !(out->twins & twin);
        out->twins |= twin;
    }
    uint64_t sets = 2 + below(&state, 2), apart = 2 + below(&state, 4);
    size_t instances = scenario_instances(out);
    for (size_t slot = 0; slot < out->slots; slot++) {
        bool same = slot > 0 && below(&state, 8) == 0;
        for (size_t i = 0; i < instances; i++) {
            uint8_t choice = below(&state, apart) > 0 ? 0 : (uint8_t)(1 + below(&state, sets - 1));
            out->set[slot][i] = same ? out->set[slot - 1][i] : choice;
        }
    }
}

size_t scenario_instances(const struct scenario *scenario)
{
    size_t count = scenario->validators;
    for (size_t v = 0; v < scenario->validators; v++)
        count += scenario->twins >> v & 1;
    return count;
}

const char *const telling_scenarios[TELLING_COUNT] = {
    "v4 t4 lspo- s1113 h2 11001 01110 10010 11110 01110 10011 10011 10011 10011 00101 10001",
    "v4 t8 l-pot s201 h2 10001 21100 21101 02220 00000 12021 22222 21010 02120 12222",
    "v4 t4 lspo- s12913 h2 00120 00120 01001 01001 01001 00110 00221 20102 20102 20102 20102 20022",
    "v7 t48 lspo- s14424 h6 011101001 110111001 101011000 101011000 000000000"};

/* ---- text ---- */

static const char network_letter[] = "lspot"; /* late, split, phased, one-way, timed */

void scenario_text(char *out, size_t size, const struct scenario *scenario)
{
    char network[sizeof network_letter] = "-----";
    for (size_t i = 0; network_letter[i] != '\0'; i++) {
        if (scenario->network >> i & 1)
            network[i] = network_letter[i];
    }
    int len = snprintf(out, size, "v%zu t%x %s s%" PRIu64 " h%" PRIu64, scenario->validators,
                       scenario->twins, network, scenario->seed, scenario->height);
    for (size_t slot = 0; slot < scenario->slots && len > 0 && (size_t)len + 1 < size; slot++) {
        out[len++] = ' ';
        for (size_t i = 0; i < scenario_instances(scenario) && (size_t)len + 1 < size; i++)
            out[len++] = (char)('0' + scenario->set[slot][i]);
        out[len] = '\0';
    }
}

static bool parse_slots(struct scenario *out, const char *text)
{
    size_t instances = scenario_instances(out);
    while (*text == ' ' && out->slots < TWINS_SLOTS_MAX) {
        text++;
        for (size_t i = 0; i < instances; i++, text++) {
            if (*text < '0' || *text > '9')
                return false;
            out->set[out->slots][i] = (uint8_t)(*text - '0');
        }
        out->slots++;
    }
    return *text == '\0' && out->slots > 0;
}

bool scenario_parse(struct scenario *out, const char *text)
{
    *out = (struct scenario){0};
    char network[sizeof network_letter] = "";
    int at = 0;
    if (sscanf(text, "v%zu t%x %5s s%" SCNu64 " h%" SCNu64 "%n", &out->validators, &out->twins,
               network, &out->seed, &out->height, &at) != 5 ||
        strlen(network) != sizeof network - 1 || out->validators < 1 ||
        out->validators > TWINS_VALIDATORS_MAX || out->twins >> out->validators != 0)
        return false;
    for (size_t i = 0; network[i] != '\0'; i++) {
        if (network[i] != '-' && network[i] != network_letter[i])
            return false;
        out->network |= (unsigned)(network[i] != '-') << i;
    }
    return parse_slots(out, text + at);
}
