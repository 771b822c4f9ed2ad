/* 统一社会信用代码 (unified social credit code), GB 32100-2015: 18 characters, mod-31 check digit. */
#ifndef DIRCHAIN_BASE_USCC_H
#define DIRCHAIN_BASE_USCC_H

/* Returns 0, ERR_USCC_FORM or ERR_USCC_CHECK. NULL is ERR_USCC_FORM. */
int uscc_check(const char *code);

#endif
