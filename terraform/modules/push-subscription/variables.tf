variable "project_id" {
  description = "Project of the subscription."
  type        = string
}

variable "name" {
  description = "Name of the subscription."
  type        = string
  default     = "metrics-push"
}

variable "topic" {
  description = "Full id of the topic that is subscribed to."
  type        = string
}

variable "dead_letter_topic" {
  description = "Full id of the topic for messages that were refused too often."
  type        = string
}

variable "endpoint" {
  description = "Address that messages are posted to."
  type        = string

  validation {
    condition     = startswith(var.endpoint, "https://")
    error_message = "A push endpoint begins with https://."
  }
}

variable "audience" {
  description = "For whom the identity token is made out: the address of the service."
  type        = string
}

variable "account_email" {
  description = "Account whose identity token the push carries; it needs roles/run.invoker on the service."
  type        = string
}

variable "pubsub_agent_email" {
  description = "Pub/Sub's own account in this project, service-NUMBER@gcp-sa-pubsub.iam.gserviceaccount.com."
  type        = string

  validation {
    condition     = can(regex("^service-.+@gcp-sa-pubsub\\.iam\\.gserviceaccount\\.com$", var.pubsub_agent_email))
    error_message = "Pub/Sub's own account looks like service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com."
  }
}

variable "retention_seconds" {
  description = "How long a message is tried, in seconds: 10 minutes to 31 days."
  type        = number
  default     = 604800

  validation {
    condition     = var.retention_seconds >= 600 && var.retention_seconds <= 2678400
    error_message = "Between 600 s (10 minutes) and 2678400 s (31 days)."
  }
}

variable "grants" {
  description = "Who may do what with the subscription."
  type        = map(object({ role = string, member = string }))
  default     = {}
}
