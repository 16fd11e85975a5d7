import rules

# Who makes accounts in the course of their work is said where that work is
# (programme.rules). Who administers the platform is said by administrators alone: they
# pass every permission.
rules.add_perm("accounts.set_access", rules.always_deny)
