variable "project_id" {
  description = "Project of the topics."
  type        = string
}

variable "topic" {
  description = "Topic that metrics are published to."
  type        = string
  default     = "metrics"

  validation {
    condition     = can(regex("^[a-zA-Z][a-zA-Z0-9._~+%-]{2,254}$", var.topic)) && !startswith(var.topic, "goog")
    error_message = "A topic's name has 3 to 255 letters, digits and . _ ~ + % -, begins with a letter, and not with goog."
  }
}

variable "dead_letter_topic" {
  description = "Topic, and pull subscription, for messages that cannot be stored."
  type        = string
  default     = "metrics-dead-letter"

  validation {
    condition     = can(regex("^[a-zA-Z][a-zA-Z0-9._~+%-]{2,254}$", var.dead_letter_topic))
    error_message = "A topic's name has 3 to 255 letters, digits and . _ ~ + % -, and begins with a letter."
  }
}

variable "candidate_topic" {
  description = "Topic through which a deployment tries a new version."
  type        = string
  default     = "metrics-candidate"

  validation {
    condition     = can(regex("^[a-zA-Z][a-zA-Z0-9._~+%-]{2,254}$", var.candidate_topic))
    error_message = "A topic's name has 3 to 255 letters, digits and . _ ~ + % -, and begins with a letter."
  }
}

variable "retention_seconds" {
  description = "How long the topic keeps published messages, in seconds: 10 minutes to 31 days."
  type        = number
  default     = 604800

  validation {
    condition     = var.retention_seconds >= 600 && var.retention_seconds <= 2678400
    error_message = "A topic keeps messages for 600 s (10 minutes) to 2678400 s (31 days)."
  }
}

variable "dead_letter_retention_seconds" {
  description = "How long dead letters wait to be looked at, in seconds: 10 minutes to 31 days."
  type        = number
  default     = 2592000

  validation {
    condition     = var.dead_letter_retention_seconds >= 600 && var.dead_letter_retention_seconds <= 2678400
    error_message = "Messages are kept for 600 s (10 minutes) to 2678400 s (31 days)."
  }
}

variable "grants" {
  description = "Who may do what with the topic."
  type        = map(object({ role = string, member = string }))
  default     = {}
}

variable "dead_letter_grants" {
  description = "Who may do what with the dead-letter topic."
  type        = map(object({ role = string, member = string }))
  default     = {}
}

variable "candidate_grants" {
  description = "Who may do what with the candidate's topic."
  type        = map(object({ role = string, member = string }))
  default     = {}
}
