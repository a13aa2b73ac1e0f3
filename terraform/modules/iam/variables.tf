variable "project_id" {
  description = "Project of the accounts."
  type        = string
}

variable "accounts" {
  description = "Accounts by their id. `project_roles` hold in the whole project; `used_by` names the accounts that may start something that runs as this one; `makes_own_tokens` lets it make identity tokens for itself, `tokens_made_by` others (by a name of your choice)."
  type = map(object({
    display_name  = string
    description   = string
    project_roles = optional(set(string), [])
    used_by       = optional(set(string), [])

    makes_own_tokens = optional(bool, false)
    tokens_made_by   = optional(map(string), {})
  }))

  validation {
    condition     = alltrue([for id in keys(var.accounts) : can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", id))])
    error_message = "An account's id has 6 to 30 lower case letters, digits and hyphens, and begins with a letter."
  }

  validation {
    condition = alltrue(flatten([
      for account in var.accounts : [for role in account.project_roles : can(regex("^roles/[a-z]+\\.[a-zA-Z]+$", role))]
    ]))
    error_message = "A role looks like roles/bigquery.jobUser; the basic roles (owner, editor, viewer) are too wide."
  }
}
