variable "project_id" {
  description = "Project that is watched."
  type        = string
}

variable "project_number" {
  description = "Number of that project; Cloud Monitoring's own account is named after it."
  type        = string
}

variable "location" {
  description = "Region of the services, for the commands in the e-mails."
  type        = string
}

variable "alert_email" {
  description = "Where alerts are mailed to."
  type        = string

  validation {
    condition     = can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", var.alert_email))
    error_message = "An e-mail address, such as oncall@example.com."
  }
}

variable "live" {
  description = "The real image runs: before that, alerts on metrics are switched off and nothing is called."
  type        = bool
}

variable "uptime_checks" {
  description = "Calls /health of the services every minute."
  type        = bool
  default     = true
}

variable "checked_services" {
  description = "Addresses of the services that are called, by their name."
  type        = map(string)
  default     = {}
}

variable "public" {
  description = "The services answer without an identity token."
  type        = bool
  default     = false
}
