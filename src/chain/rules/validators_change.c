/* validator.change: the center gives and takes seats. What any change has to keep to is in
 * validators_seats.c. */
#include "base/errors.h"
#include "chain/rules/members.h"
#include "chain/rules/records.h"
#include "chain/rules/tables.h"
#include "chain/rules/validators_seats.h"

/* A member that may take a seat: active, and not seated yet. */
static int add_seat(struct rule_context *context, struct seat_change *change, size_t index)
{
    struct validator_set *set = &change->set;
    const char *id = doc_text(doc_at(doc_get(context->body, "add"), index));
    const struct doc *member = state_getf(context->state, "member/%s", id);
    if (member == NULL) {
        return rule_fault(context, ERR_SUBJECT, "A3", "add[%zu] 非成员单位 is no member", index);
    }
    if (!doc_text_is(member, "status", "active")) {
        return rule_fault_record(context, member, "active", "A3",
                                 "add[%zu] 成员已暂停或退出 is suspended or has left", index);
    }
    if (validators_find(set, id) >= 0) {
        return rule_fault(context, ERR_DUPLICATE, "A3",
                          "add[%zu] 已是验证者 is a validator already", index);
    }
    if (set->count == VALIDATORS_MAX) {
        return rule_fault(context, ERR_QUOTA, "A3", "add[%zu] 验证者至多 %d 席 at most %d seats",
                          index, VALIDATORS_MAX, VALIDATORS_MAX);
    }
    validator_from_member(&set->item[set->count++], member);
    change->seats++;
    return 0;
}

static int remove_seat(struct rule_context *context, struct seat_change *change, size_t index)
{
    int at =
        validators_find(&change->set, doc_text(doc_at(doc_get(context->body, "remove"), index)));
    if (at < 0) {
        return rule_fault(context, ERR_SUBJECT, "A3", "remove[%zu] 不是验证者 is no validator",
                          index);
    }
    seats_take(change, (size_t)at);
    return 0;
}

int validator_change(struct rule_context *context)
{
    const struct doc *add = doc_get(context->body, "add");
    struct seat_change change;
    int error = seats_begin(&change, context);
    if (error != 0) {
        return error;
    }
    if (seats_pending(context)) {
        return rule_fault(context, ERR_SEAT_PENDING, "A3", "%s", "");
    }
    for (size_t i = 0; i < doc_count(doc_get(context->body, "remove")); i++) {
        (void)remove_seat(context, &change, i);
    }
    for (size_t i = 0; i < doc_count(add); i++) {
        (void)add_seat(context, &change, i);
    }
    if (context->error != 0) {
        return rule_failed(context);
    }
    error = change.seats == 0 ? rule_fault(context, ERR_FIELD_MISSING, "A3",
                                           "未指明增减何人 nobody to add or remove is named")
                              : seats_preflight(context, &change);
    if (error != 0) {
        return error;
    }
    for (size_t i = 0; i < doc_count(add); i++) {
        validators_forget_awake(context, doc_text(doc_at(add, i)));
    }
    return seats_put(context, &change, "add");
}
