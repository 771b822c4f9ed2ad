/* Rules whose function is not landed yet refuse; this file shrinks to nothing. */
#include "chain/rules/tables.h"

#include "base/errors.h"

int member_admit(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int member_remove(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int member_restore(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int member_suspend(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int member_update(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int key_add(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int key_retire(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int calendar_publish(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int profile_publish(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int validator_change(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int duty_publish(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int duty_retire(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int catalog_assess(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int catalog_attribute(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int catalog_bind(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int catalog_change(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int catalog_designate(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int catalog_retire(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int catalog_review(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int catalog_submit(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int request_answer(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int request_assess(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int request_intake(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int request_submit(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int request_withdraw(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int agreement_sign(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int grant_end(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int grant_restore(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int grant_suspend(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int grant_terminate(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int access_batch(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int access_open(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int access_receipt(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
int access_refused(struct rule_context *context)
{
    return rule_fault(context, ERR_UNAVAILABLE, NULL, "%s", "");
}
