variable "project_id" {
  description = "Project of the jobs."
  type        = string
}

variable "location" {
  description = "Region of the jobs."
  type        = string
}

variable "url" {
  description = "Address of the service that is called; also the audience of the token."
  type        = string

  validation {
    condition     = startswith(var.url, "https://") && !endswith(var.url, "/")
    error_message = "Begins with https:// and ends without a slash."
  }
}

variable "account_email" {
  description = "Account whose identity token the calls carry; it needs roles/run.invoker on the service."
  type        = string
}

variable "jobs" {
  description = "What is called when: a schedule in cron's form (UTC), a path, and how often a failed call is repeated."
  type = map(object({
    description = string
    schedule    = string
    path        = string
    retries     = number
  }))

  validation {
    condition     = alltrue([for job in values(var.jobs) : can(regex("^(\\*(/[0-9]+)?|[0-9,-]+)( (\\*(/[0-9]+)?|[0-9,-]+)){4}$", job.schedule))])
    error_message = "A schedule has five fields, such as 17 3 * * * for every day at 03:17."
  }

  validation {
    condition     = alltrue([for job in values(var.jobs) : startswith(job.path, "/") && job.retries >= 0 && job.retries <= 5])
    error_message = "A path begins with a slash, and a call is repeated at most five times."
  }
}
