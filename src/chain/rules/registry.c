/* All transaction types, in byte order of their names. */
#include "chain/rules/registry.h"

#include "chain/rules/tables.h"

/* One a line, so that two families that grow side by side do not meet. */
/* clang-format off */
const struct tx_type *const rules_types[] = {
    &type_access_batch,
    &type_access_open,
    &type_access_receipt,
    &type_access_refused,
    &type_agreement_sign,
    &type_calendar_publish,
    &type_catalog_assess,
    &type_catalog_attribute,
    &type_catalog_bind,
    &type_catalog_certify,
    &type_catalog_change,
    &type_catalog_collect,
    &type_catalog_designate,
    &type_catalog_maintain,
    &type_catalog_milestone,
    &type_catalog_refresh,
    &type_catalog_retire,
    &type_catalog_review,
    &type_catalog_submit,
    &type_duty_publish,
    &type_duty_retire,
    &type_grant_end,
    &type_grant_restore,
    &type_grant_suspend,
    &type_grant_terminate,
    &type_key_add,
    &type_key_restore,
    &type_key_retire,
    &type_key_rotate,
    &type_key_suspend,
    &type_member_admit,
    &type_member_remove,
    &type_member_restore,
    &type_member_suspend,
    &type_member_update,
    &type_officer_end,
    &type_officer_register,
    &type_officer_update,
    &type_profile_publish,
    &type_request_answer,
    &type_request_assess,
    &type_request_intake,
    &type_request_submit,
    &type_request_withdraw,
    &type_validator_change,
    &type_validator_resume,
    &type_validator_rotate,
};
/* clang-format on */
const size_t rules_type_count = sizeof rules_types / sizeof *rules_types;
