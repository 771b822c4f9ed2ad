/* The sheets that the ledger's lists are imported from and exported to. */
#ifndef DIRCHAIN_EXCHANGE_SHEET_LAYOUTS_H
#define DIRCHAIN_EXCHANGE_SHEET_LAYOUTS_H

#include "exchange/sheet_plan.h"

/* Duties: the body of duty.publish, and "agency_code": whose list a row is from, if it says so. */
struct sheet_layout sheet_layout_duties(void);
/* Catalog entries: the body of catalog.submit. */
struct sheet_layout sheet_layout_entries(void);

#endif
