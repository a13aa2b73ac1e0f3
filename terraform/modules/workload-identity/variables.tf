variable "project_id" {
  description = "Project of the pool."
  type        = string
}

variable "repository_id" {
  description = "Number of the GitHub repository: `gh api repos/OWNER/NAME --jq .id`."
  type        = string

  validation {
    condition     = can(regex("^[0-9]+$", var.repository_id))
    error_message = "The number of the repository, as `gh api repos/OWNER/NAME --jq .id` prints it; not its name."
  }
}

variable "pool" {
  description = "Id of the pool. One that was destroyed keeps its id for 30 days: restore it, or choose another."
  type        = string
  default     = "github"

  validation {
    condition     = can(regex("^[a-z0-9-]{4,32}$", var.pool)) && !startswith(var.pool, "gcp-")
    error_message = "4 to 32 lower case letters, digits and hyphens, not beginning with gcp-."
  }
}

variable "accounts" {
  description = "Which accounts the workflows may act as, each with its full resource name and the branches (refs) from which; no refs means from all of them, and pull requests of the repository itself."
  type        = map(object({ name = string, refs = set(string) }))

  validation {
    condition     = alltrue(flatten([for account in values(var.accounts) : [for ref in account.refs : startswith(ref, "refs/")]]))
    error_message = "A ref looks like refs/heads/main."
  }
}
