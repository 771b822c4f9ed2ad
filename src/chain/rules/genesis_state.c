/* The state of height 0, from the genesis document. The genesis layer verified the document; what
 * rules rely on (join requests, profile, calendars, validators) is checked here again, so that no
 * state can exist that a rule would trip over. */
#include "base/errors.h"
#include "base/limits.h"
#include "base/memory.h"
#include "chain/initial.h"
#include "chain/rules/members.h"
#include "chain/rules/records.h"
#include "chain/rules/validators_seats.h"
#include "chain/validators.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct genesis_state {
    struct state *state;
    struct faults *faults;
    const struct doc *genesis;
    char version[2 * HASH_BYTES + 1]; /* the genesis hash */
    int first;
};

static void genesis_fault(struct genesis_state *init, int error, const char *field, size_t index)
{
    faults_add(init->faults, error, "A3", "%s[%zu]", field, index);
    init->first = init->first == 0 ? error : init->first;
}

static void genesis_version(struct genesis_state *init)
{
    struct hash hash;
    initial_hash(&hash, init->genesis);
    hash_to_hex(init->version, &hash);
}

static void put_network(struct genesis_state *init)
{
    struct doc *center = doc_new_object();
    record_share(center, "id", doc_get(init->genesis, "center"));
    state_put(init->state, "center", center);
    state_put(init->state, "params", doc_ref(doc_get(init->genesis, "params")));
    struct doc *network = doc_new_object();
    doc_set_text(network, "genesis", init->version);
    record_share(network, "network", doc_get(init->genesis, "network"));
    record_share(network, "test", doc_get(init->genesis, "test"));
    record_share(network, "time_ms", doc_get(init->genesis, "time_ms"));
    state_put(init->state, "network", network);
}

static void put_profile(struct genesis_state *init)
{
    const struct doc *profile = doc_get(init->genesis, "profile");
    int error = rules_check_profile(init->faults, profile, "profile");
    if (error != 0) {
        init->first = init->first == 0 ? error : init->first;
        return;
    }
    struct doc *record = doc_new_object();
    record_share(record, "profile", profile);
    record_share(record, "since_ms", doc_get(init->genesis, "time_ms"));
    doc_set_text(record, "version", init->version);
    state_put(init->state, "profile", record);
    struct doc *dated = doc_new_object();
    record_share(dated, "from_ms", doc_get(init->genesis, "time_ms"));
    record_share(dated, "profile", profile);
    doc_set_text(dated, "version", init->version);
    state_putf(init->state, dated, "profile/%016" PRIx64,
               record_instant(doc_get_int(init->genesis, "time_ms", 0)));
}

static void put_calendars(struct genesis_state *init)
{
    const struct doc *calendars = doc_get(init->genesis, "calendars");
    for (size_t i = 0; i < doc_count(calendars); i++) {
        int error = civil_calendar_check(init->faults, doc_at(calendars, i));
        if (error != 0) {
            genesis_fault(init, error, "calendars", i);
            continue;
        }
        int year = (int)doc_get_int(doc_at(calendars, i), "year", 0);
        if (state_getf(init->state, "calendar/%d", year) != NULL) {
            genesis_fault(init, ERR_DUPLICATE, "calendars", i);
            continue;
        }
        struct doc *record = record_edit(doc_at(calendars, i));
        doc_set_text(record, "version", init->version);
        state_putf(init->state, record, "calendar/%d", year);
    }
}

static void put_members(struct genesis_state *init)
{
    const struct doc *members = doc_get(init->genesis, "members");
    const char *center = doc_get_text(init->genesis, "center");
    bool center_found = false;
    for (size_t i = 0; i < doc_count(members); i++) {
        char path[32];
        const struct doc *join = doc_at(members, i);
        const char *id = doc_get_text(join, "member");
        (void)snprintf(path, sizeof path, "members[%zu]", i);
        int error = rules_check_join(init->faults, join, path);
        if (error != 0) {
            init->first = init->first == 0 ? error : init->first;
            continue;
        }
        bool is_center = doc_has_text(doc_get(join, "parties"), "center");
        bool named = center != NULL && strcmp(center, id) == 0;
        if (is_center != named || state_getf(init->state, "member/%s", id) != NULL) {
            genesis_fault(init, is_center != named ? ERR_CENTER : ERR_DUPLICATE, "members", i);
            continue;
        }
        center_found = center_found || is_center;
        error = member_write(init->state, init->faults, join, init->version, 1, path);
        init->first = init->first == 0 ? error : init->first;
    }
    if (!center_found || doc_count(members) > MEMBERS_MAX) {
        genesis_fault(init, ERR_CENTER, "members", doc_count(members));
    }
    struct doc *count = doc_new_object();
    doc_set_int(count, "count", (int64_t)doc_count(members));
    state_put(init->state, "members", count);
}

static void put_validators(struct genesis_state *init)
{
    const struct doc *ids = doc_get(init->genesis, "validators");
    struct validator_set set = {0};
    if (doc_count(ids) > VALIDATORS_MAX) {
        genesis_fault(init, ERR_VALIDATORS, "validators", doc_count(ids));
        return;
    }
    for (size_t i = 0; i < doc_count(ids); i++) {
        const char *id = doc_text(doc_at(ids, i));
        const struct doc *member = id == NULL ? NULL : state_getf(init->state, "member/%s", id);
        if (member == NULL) {
            genesis_fault(init, ERR_SUBJECT, "validators", i);
        } else {
            validator_from_member(&set.item[set.count++], member);
        }
    }
    validators_sort(&set);
    if (init->first == 0 && validators_check(&set) != 0) { /* none, or one twice */
        genesis_fault(init, ERR_VALIDATORS, "validators", set.count);
    }
    validators_begin_awake(init->state, &set);
    struct doc *sets = doc_new_array();
    struct doc *record = doc_new_object();
    doc_push(sets, seats_entry(NULL, 1, &set));
    doc_set(record, "sets", sets);
    doc_set_text(record, "version", init->version);
    state_put(init->state, "validators", record);
}

int rules_init_state(struct state *state, struct faults *faults, const struct doc *genesis)
{
    struct genesis_state init = {.state = state, .faults = faults, .genesis = genesis};
    if (doc_kind(doc_get(genesis, "params")) != DOC_OBJECT ||
        doc_get_text(genesis, "center") == NULL) {
        return faults_add(faults, ERR_GENESIS, "A3", "params");
    }
    genesis_version(&init);
    put_network(&init);
    put_profile(&init);
    put_calendars(&init);
    put_members(&init);
    put_validators(&init);
    return init.first != 0 ? init.first : state_error(state);
}
