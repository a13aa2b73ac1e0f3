variable "project_id" {
  description = "Project of the topics."
  type        = string
}

variable "topics" {
  description = "Topics by their name: how long each keeps published messages, in seconds (600 to 2678400, which is 31 days; without it not at all); whether it has a pull subscription of the same name; who may do what with it."
  type = map(object({
    retention_seconds = optional(number)
    pull_subscription = optional(bool, false)
    grants            = optional(map(object({ role = string, member = string })), {})
  }))

  validation {
    condition     = alltrue([for name in keys(var.topics) : can(regex("^[a-zA-Z][a-zA-Z0-9._~+%-]{2,254}$", name)) && !startswith(name, "goog")])
    error_message = "A topic's name has 3 to 255 letters, digits and . _ ~ + % -, begins with a letter, and not with goog."
  }

  validation {
    condition = alltrue([
      for topic in values(var.topics) :
      coalesce(topic.retention_seconds, 600) >= 600 && coalesce(topic.retention_seconds, 600) <= 2678400
    ])
    error_message = "A topic keeps messages for 600 s (10 minutes) to 2678400 s (31 days)."
  }
}
